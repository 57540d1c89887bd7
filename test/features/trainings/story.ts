import type { JobStatus, TrainingType } from '../../../src/platform/db/schema.ts';
import { type Asked, startTraining } from '../../../src/features/trainings/start.ts';
import { findTraining, type Training } from '../../../src/features/trainings/store.ts';
import { readJobToken } from '../../../src/fal-jobs/token.ts';
import { arrangeAvatar, avatarRow } from '../../support/arrange.ts';
import type { Service } from '../../support/service.ts';
import { until } from '../../support/until.ts';

export type Story = Awaited<ReturnType<typeof begin>>;
type Job = NonNullable<ReturnType<Service['sandbox']['queue']['get']>>;

/** Arranges an avatar with photos and starts its training; the story follows it. A style needs the fewest photos. */
export async function begin(
  service: Service,
  { asked = {}, trainingType = 'style' }: { trainingType?: TrainingType; asked?: Asked } = {},
) {
  const { avatarId, photoIds } = await arrangeAvatar(service.app, { photos: photosFor(trainingType), trainingType });
  const { id } = await startTraining(service.app, avatarId, { steps: 20, ...asked });
  return { ...follow(service, id, avatarId), photoIds };
}

/** @returns the questions one asks about a training */
export function follow({ app, sandbox, database }: Service, id: string, avatarId: string) {
  async function training(): Promise<Training> {
    const row = await findTraining(app.db, id);
    if (!row) throw new Error(`there is no training ${id}`);
    return row;
  }
  /** Waits until the training is so; says how it was if that never comes. */
  async function when(what: string, test: (row: Training) => boolean, timeoutMs?: number): Promise<Training> {
    let last: Training | undefined;
    const look = async () => {
      last = await training();
      return test(last) && last;
    };
    return until(what, look, timeoutMs).catch((error: unknown) => {
      const { status, error: failure, blocked_reason, submit_unknown_at, next_check_at } = last ?? {};
      const seen = JSON.stringify({ status, failure, blocked_reason, submit_unknown_at, next_check_at });
      throw new Error(`${error instanceof Error ? error.message : String(error)}; it is ${seen}`);
    });
  }
  return {
    id,
    avatarId,
    training,
    when,
    is: (status: JobStatus, timeoutMs?: number) => when(status, (row) => row.status === status, timeoutMs),
    avatar: () => avatarRow(app, avatarId),
    /** The types of what was told of it, in order. */
    async events(): Promise<string[]> {
      const { rows } = await database.pool.query<{ type: string }>(
        'select type from events where training_id = $1 order by id',
        [id],
      );
      return rows.map(({ type }) => type);
    },
    /** The webhooks that were kept, with what came of them. */
    async webhooks(): Promise<{ outcome: string | null; outcome_detail: string | null }[]> {
      const { rows } = await database.pool.query(
        'select outcome, outcome_detail from fal_webhooks where training_id = $1 order by id',
        [id],
      );
      return rows;
    },
    /** The POSTs that fal received for it. */
    posts: () => sandbox.submissions.list().filter(({ webhook_url: url }) => isOf(app.installation.secret, url, id)),
    /** Its job at fal. */
    async job(): Promise<Job> {
      const { fal_request_id: requestId } = await when('a request id', (row) => row.fal_request_id !== null);
      const job = requestId === null ? null : sandbox.queue.get(requestId);
      if (!job) throw new Error(`the sandbox has no job ${requestId}`);
      return job;
    },
    /** Changes its row as time would. */
    async set(changes: string): Promise<void> {
      await database.pool.query(`update trainings set ${changes} where id = $1`, [id]);
    },
  };
}

function isOf(secret: Buffer, url: string | null, id: string): boolean {
  const token = url && new URL(url).searchParams.get('t');
  return token !== null && readJobToken(secret, token)?.jobId === id;
}

/** How many photos are enough. */
function photosFor(trainingType: TrainingType): number {
  return trainingType === 'portrait' ? 10 : 4;
}

import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { actSetting } from './conversions.ts';

/**
 * The fal endpoint that trained an avatar of the earlier system; null where fal has ended it, so polling is impossible.
 */
export type TrainerOf = (
  trainingType: string | null,
) => { name: string; endpoint: string; longestRunSeconds: number } | null;

type Left = {
  id: string;
  user_id: string;
  training_type: 'portrait' | 'style' | 'object' | null;
  fal_request_id: string | null;
  training_progress: number;
  training_started_at: Date | null;
  last_status_check: Date | null;
  webhook_url: string | null;
  updated_at: Date;
  photos: { id: string; sha256: null }[];
};

export type AdoptedTrainings = { polled: number; failed: number };

const failures = {
  unsubmitted:
    'It could not be found out whether fal took the training. The earlier system left it without a request id.',
  duplicate: 'It could not be found out whether fal took the training. Another avatar has the same request id.',
  ended:
    'fal did not finish the training in time. fal has ended the endpoint that the earlier system trained with, so nobody can be asked.',
} as const;

/**
 * Creates a training for every avatar that the earlier system left in training: to be polled where fal still has the
 * endpoint, else failed with an unknown charge, and the avatar in error. The avatars are locked.
 */
export async function adoptTrainings(client: pg.ClientBase, trainerOf: TrainerOf): Promise<AdoptedTrainings> {
  const { rows } = await client.query<Left>(`
    select id, user_id, training_type, fal_request_id, least(greatest(training_progress, 0), 100) as training_progress,
      training_started_at, last_status_check at time zone 'UTC' as last_status_check, webhook_url, updated_at,
      (select coalesce(json_agg(json_build_object('id', p.id, 'sha256', null) order by upload_order, p.id), '[]')
       from avatar_photos p where p.avatar_id = avatars.id) as photos
    from avatars
    where status = 'training' and not exists (select from trainings t where t.avatar_id = avatars.id)
    order by training_started_at desc nulls last, id`);
  const taken = new Set<string>();
  const counts: AdoptedTrainings = { polled: 0, failed: 0 };
  for (const avatar of rows) {
    const trainer = trainerOf(avatar.training_type);
    const failure = failureOf(avatar, trainer !== null, taken);
    await insertTraining(client, avatar, trainer, failure);
    if (failure === null) counts.polled += 1;
    else {
      await failAvatar(client, avatar.id, failure);
      counts.failed += 1;
    }
    if (avatar.fal_request_id !== null) taken.add(avatar.fal_request_id);
  }
  return counts;
}

type Failure = { code: 'submit-unresolved' | 'deadline-exceeded'; message: string };

function failureOf(
  { fal_request_id: requestId }: Left,
  canBeAsked: boolean,
  taken: ReadonlySet<string>,
): Failure | null {
  if (requestId === null) return { code: 'submit-unresolved', message: failures.unsubmitted };
  if (taken.has(requestId)) return { code: 'submit-unresolved', message: failures.duplicate };
  return canBeAsked ? null : { code: 'deadline-exceeded', message: failures.ended };
}

async function insertTraining(
  client: pg.ClientBase,
  avatar: Left,
  trainer: ReturnType<TrainerOf>,
  failure: Failure | null,
): Promise<void> {
  const now = new Date();
  const begun = avatar.training_started_at ?? avatar.updated_at;
  const { name, endpoint, longestRunSeconds } = trainer ?? retired;
  const isDuplicate = failure?.message === failures.duplicate;
  const row = {
    id: uuidv7(),
    avatar_id: avatar.id,
    user_id: avatar.user_id,
    attempt: 1,
    training_type: avatar.training_type ?? 'portrait',
    trainer: name,
    endpoint,
    status: failure ? 'failed' : 'in_progress',
    fal_priority: 'normal',
    // The earlier system did not store what it sent.
    settings: {},
    photo_manifest: avatar.photos,
    sandbox: false,
    estimated_cost_usd: 0,
    uploads: 0,
    output_expires_at: null,
    submissions: avatar.fal_request_id === null ? 0 : 1,
    webhook_url: avatar.webhook_url,
    fal_request_id: isDuplicate ? null : avatar.fal_request_id,
    progress: avatar.training_progress,
    logs: [],
    error: failure && {
      ...failure,
      detail: { adopted: true, fal_request_id: avatar.fal_request_id },
      retryable: true,
      provider_request_id: avatar.fal_request_id,
    },
    charged: failure ? 'unknown' : null,
    created_at: begun,
    updated_at: now,
    submitted_at: avatar.training_started_at,
    accepted_at: avatar.fal_request_id === null ? null : avatar.training_started_at,
    started_at: failure ? null : avatar.training_started_at,
    ended_at: failure ? now : null,
    last_status_check: avatar.last_status_check,
    next_check_at: failure ? null : now,
    checks: 0,
    deadline_at: failure ? now : new Date(now.getTime() + longestRunSeconds * 1000),
    adopted_at: now,
  };
  await client.query('insert into trainings select * from jsonb_populate_record(null::trainings, $1)', [
    JSON.stringify(row),
  ]);
}

const retired = { name: 'flux-pro', endpoint: 'fal-ai/flux-pro-trainer', longestRunSeconds: 0 };

// As a failed training leaves its avatar; the previous values are in the ledger.
async function failAvatar(client: pg.ClientBase, id: string, { code, message }: Failure): Promise<void> {
  const error = `${code}: ${message}`;
  await client.query(
    `insert into drizzle.likeness_originals (ledger_id, table_name, row_key, column_name, original)
     select current_setting('${actSetting}')::bigint, 'avatars', id::text, changed, to_jsonb(value)
     from avatars, lateral (values ('status', status::text), ('is_draft', is_draft::text), ('training_error', training_error)) as was (changed, value)
     where id = $1 and value is distinct from (case changed when 'status' then 'error' when 'is_draft' then 'false' else $2 end)
     on conflict do nothing`,
    [id, error],
  );
  await client.query(`update avatars set status = 'error', is_draft = false, training_error = $2 where id = $1`, [
    id,
    error,
  ]);
}

import type { Context } from '../context.ts';
import { notFound, Problem } from '../errors.ts';
import { transact } from '../platform/db/transact.ts';
import type { Origin } from '../platform/http/caller.ts';
import { defineJob, type QueuedJob } from '../platform/jobs/define.ts';
import { advanceJob } from './advance.ts';
import { blockedReason } from './failures.ts';
import { idIn } from './follow-ups.ts';
import { extensionsOf, type JobKind, type JobRow } from './kind.ts';
import { isTerminal } from './lifecycle.ts';

/**
 * Requests the cancellation of a job. Before it has reached fal it ends at once, free; after that fal decides, and the
 * request is recorded. Idempotent.
 * @throws Problem 404; 409 `invalid-state` when it has ended or its result is being fetched
 */
export async function requestCancel<Row extends JobRow>(
  context: Pick<Context, 'db' | 'config' | 'jobs' | 'log' | 'wakeups'>,
  kind: JobKind<Row>,
  id: string,
  { requestId, ...reach }: Origin = {},
): Promise<Row> {
  // The owner of a job never changes, so this needs no lock.
  if (!(await kind.store.find(context.db, id, reach))) notFound(kind.name);
  const { changed, row } = (await advanceJob(context, kind, id, { kind: 'cancel' }, requestId)) ?? notFound(kind.name);
  const { status, cancel_requested_at } = row;
  const wasAsked = cancel_requested_at !== null && !isTerminal(status) && status !== 'verifying';
  if (changed || wasAsked || status === 'cancelled') return row;
  const why = status === 'verifying' ? 'fal has finished it and its result is being fetched' : 'it has ended';
  throw new Problem('invalid-state', `The ${kind.name} is ${status}: ${why}, so it can't be cancelled.`, {
    extensions: extensionsOf(kind, row),
  });
}

/** The job that cancels at fal. The outcome is learned by the next poll, which it brings forward. */
export function cancelJobOf<Row extends JobRow>(kind: JobKind<Row>): QueuedJob<Context, typeof kind.jobs.cancel.data> {
  return defineJob({
    ...kind.jobs.cancel,
    async run(context, data, signal) {
      const row = await kind.store.find(context.db, idIn(kind, data));
      if (!row?.fal_request_id || isTerminal(row.status)) return;
      const outcome = await context.fal.cancel(row.endpoint, row.fal_request_id, signal);
      if (outcome.kind === 'unavailable') throw new Error(`fal did not answer the cancellation: ${outcome.reason}`);
      if (outcome.kind === 'refused' && blockedReason(outcome.failure)) {
        throw new Error(`fal refused the cancellation: ${outcome.failure.message}`);
      }
      await transact(context, async (tx) => {
        await kind.store.setNextCheck(tx, row.id, new Date());
        tx.wake(kind.topics.checks);
      });
    },
  });
}

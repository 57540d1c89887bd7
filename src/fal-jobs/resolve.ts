import type { Context } from '../context.ts';
import { notFound, Problem } from '../errors.ts';
import { type Advance, advanceJob } from './advance.ts';
import { signalOfFound, submissionOf } from './fal-signals.ts';
import { extensionsOf, idOf, type JobKind, type JobRow } from './kind.ts';

export type Resolution = { falRequestId: string } | 'not-submitted';

/**
 * Settles a submission by what an operator found at fal. With a request the job continues and is polled; without one it
 * returns to the queue.
 * @throws Problem 404; 409 `invalid-state` unless the outcome is unknown, or when fal does not know the request
 */
export async function resolveSubmission<Row extends JobRow>(
  context: Pick<Context, 'config' | 'db' | 'fal' | 'jobs' | 'log' | 'wakeups'>,
  kind: JobKind<Row>,
  id: string,
  resolution: Resolution,
): Promise<Row> {
  const row = (await kind.store.find(context.db, id)) ?? notFound(kind.name);
  if (row.status !== 'submitting' || row.submit_unknown_at === null) {
    throw new Problem(
      'invalid-state',
      `The ${kind.name} is ${row.status}, and the outcome of its submission is known.`,
      { extensions: extensionsOf(kind, row) },
    );
  }
  if (resolution === 'not-submitted') {
    return settled(kind, await advanceJob(context, kind, id, { kind: 'not_submitted', ...submissionOf(row) }));
  }
  const { falRequestId } = resolution;
  const status = await context.fal.status(row.endpoint, falRequestId);
  if (status.kind === 'not_found' || status.kind === 'refused' || status.kind === 'unavailable') {
    const why = status.kind === 'not_found' ? 'fal knows no such request' : 'fal did not tell of it now';
    throw new Problem('invalid-state', `Request ${falRequestId} can't be used: ${why}.`, {
      extensions: { ...idOf(kind, row.id), fal_request_id: falRequestId },
    });
  }
  return settled(kind, await advanceJob(context, kind, id, signalOfFound(row, falRequestId)));
}

function settled<Row extends JobRow>({ name }: JobKind<Row>, advance: Advance<Row> | undefined): Row {
  if (advance?.changed) return advance.row;
  throw new Problem('invalid-state', `The ${name} was settled by another operator meanwhile.`);
}

import type { Context } from '../context.ts';
import { notFound, Problem } from '../errors.ts';
import type { Origin } from '../platform/http/caller.ts';
import { advanceJob } from './advance.ts';
import { extensionsOf, type JobKind, type JobRow } from './kind.ts';

/**
 * Accepts a result that arrived after its job had failed or been cancelled: the job becomes succeeded.
 * @throws Problem 404; 409 `invalid-state` when there is no verified late result
 */
export async function acceptLateResult<Row extends JobRow>(
  context: Pick<Context, 'db' | 'config' | 'jobs' | 'log' | 'wakeups'>,
  kind: JobKind<Row>,
  id: string,
  { requestId, ...reach }: Origin = {},
): Promise<Row> {
  if (!(await kind.store.find(context.db, id, reach))) notFound(kind.name);
  const advance = (await advanceJob(context, kind, id, { kind: 'accept_late' }, requestId)) ?? notFound(kind.name);
  const { changed, row } = advance;
  if (changed) return row;
  if (row.avatar_id === null) {
    throw new Problem('invalid-state', `The avatar of this ${kind.name} was deleted, and its files with it.`);
  }
  throw new Problem('invalid-state', `The ${kind.name} is ${row.status} and has no late result to accept.`, {
    extensions: extensionsOf(kind, row),
  });
}

import { and, desc, eq, isNotNull, type SQL, sql } from 'drizzle-orm';
import type { Context } from '../../context.ts';
import { type TrainingStatus, trainings } from '../../platform/db/schema.ts';
import type { Reach } from '../../platform/http/caller.ts';
import { decodeCursor, encodeCursor } from '../../platform/http/cursor.ts';
import type { Training } from './store.ts';

export type TrainingFilter = {
  status?: TrainingStatus | undefined;
  avatar_id?: string | undefined;
  user_id?: string | undefined;
  needs_attention?: boolean | undefined;
};
type Asked = { limit: number; cursor?: string | undefined; include?: 'total' | undefined };
type Page = { data: Training[]; next_cursor: string | null; total?: number };

/**
 * Lists trainings, newest first. The cursor is the last row's sort key to the microsecond, so that rows added meanwhile
 * neither shift nor repeat a page.
 * @throws Problem 400 `invalid-cursor`
 */
export async function listTrainings(
  { db, installation }: Pick<Context, 'db' | 'installation'>,
  filter: TrainingFilter,
  { limit, cursor, include }: Asked,
  { userId }: Reach = {},
): Promise<Page> {
  const list = `trainings ${JSON.stringify(filter, ['status', 'avatar_id', 'user_id', 'needs_attention'])}`;
  const after = cursor === undefined ? undefined : decodeCursor(installation.secret, list, cursor);
  const wanted = and(...conditions(filter), userId ? eq(trainings.user_id, userId) : undefined);
  const rows = await db
    .select({ training: trainings, sortKey: sql<string>`${trainings.created_at}::text` })
    .from(trainings)
    .where(
      and(
        wanted,
        after && sql`(${trainings.created_at}, ${trainings.id}) < (${after[0]}::timestamptz, ${after[1]}::uuid)`,
      ),
    )
    .orderBy(desc(trainings.created_at), desc(trainings.id))
    .limit(limit + 1);
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return {
    data: page.map(({ training }) => training),
    next_cursor: last ? encodeCursor(installation.secret, list, [last.sortKey, last.training.id]) : null,
    ...(include && { total: await db.$count(trainings, wanted) }),
  };
}

function conditions(filter: TrainingFilter): (SQL | undefined)[] {
  return [
    filter.status && eq(trainings.status, filter.status),
    filter.avatar_id ? eq(trainings.avatar_id, filter.avatar_id) : undefined,
    filter.user_id ? eq(trainings.user_id, filter.user_id) : undefined,
    filter.needs_attention ? isNotNull(trainings.needs_attention_at) : undefined,
  ];
}

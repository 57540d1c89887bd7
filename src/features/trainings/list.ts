import { and, desc, eq, isNotNull, type SQL, sql } from 'drizzle-orm';
import type { Context } from '../../context.ts';
import { type JobStatus, trainings } from '../../platform/db/schema.ts';
import type { Reach } from '../../platform/http/caller.ts';
import { type Asked, type Page, readPage } from '../../platform/http/page.ts';
import type { Training } from './store.ts';

export type TrainingFilter = {
  status?: JobStatus | undefined;
  avatar_id?: string | undefined;
  user_id?: string | undefined;
  needs_attention?: boolean | undefined;
};

/**
 * Lists trainings, newest first. The cursor is the last row's sort key to the microsecond, so that rows added meanwhile
 * neither shift nor repeat a page.
 * @throws Problem 400 `invalid-cursor`
 */
export async function listTrainings(
  context: Pick<Context, 'db' | 'installation'>,
  filter: TrainingFilter,
  asked: Asked,
  { userId }: Reach = {},
): Promise<Page<Training>> {
  const { db } = context;
  const wanted = and(...conditions(filter), userId ? eq(trainings.user_id, userId) : undefined);
  const page = await readPage(context, asked, {
    name: `trainings ${JSON.stringify(filter, ['status', 'avatar_id', 'user_id', 'needs_attention'])}`,
    read: (after, limit) =>
      db
        .select({ training: trainings, createdAt: sql<string>`${trainings.created_at}::text` })
        .from(trainings)
        .where(
          and(
            wanted,
            after
              ? sql`(${trainings.created_at}, ${trainings.id}) < (${after[0]}::timestamptz, ${after[1]}::uuid)`
              : undefined,
          ),
        )
        .orderBy(desc(trainings.created_at), desc(trainings.id))
        .limit(limit),
    position: ({ createdAt, training }) => [createdAt, training.id],
    count: () => db.$count(trainings, wanted),
  });
  return { ...page, data: page.data.map(({ training }) => training) };
}

function conditions(filter: TrainingFilter): (SQL | undefined)[] {
  return [
    filter.status && eq(trainings.status, filter.status),
    filter.avatar_id ? eq(trainings.avatar_id, filter.avatar_id) : undefined,
    filter.user_id ? eq(trainings.user_id, filter.user_id) : undefined,
    filter.needs_attention ? isNotNull(trainings.needs_attention_at) : undefined,
  ];
}

import { and, desc, eq, isNotNull, isNull, type SQL, sql } from 'drizzle-orm';
import type { Context } from '../../context.ts';
import { generations, type JobStatus } from '../../platform/db/schema.ts';
import type { Reach } from '../../platform/http/caller.ts';
import { type Asked, type Page, readPage } from '../../platform/http/page.ts';
import type { Generation } from './store.ts';

export type GenerationFilter = {
  status?: JobStatus | undefined;
  avatar_id?: string | undefined;
  user_id?: string | undefined;
  batch_id?: string | undefined;
  pack?: string | undefined;
  needs_attention?: boolean | undefined;
  erased: boolean;
};

const filters = ['status', 'avatar_id', 'user_id', 'batch_id', 'pack', 'needs_attention', 'erased'] as const;

/**
 * Lists generations, newest first, by keyset to the microsecond.
 * @throws Problem 400 `invalid-cursor`
 */
export async function listGenerations(
  context: Pick<Context, 'db' | 'installation'>,
  filter: GenerationFilter,
  asked: Asked,
  { userId }: Reach = {},
): Promise<Page<Generation>> {
  const { db } = context;
  const wanted = and(...conditions(filter), userId ? eq(generations.user_id, userId) : undefined);
  const page = await readPage(context, asked, {
    name: `generations ${JSON.stringify(filter, [...filters])}`,
    read: (after, limit) =>
      db
        .select({ generation: generations, createdAt: sql<string>`${generations.created_at}::text` })
        .from(generations)
        .where(
          and(
            wanted,
            after
              ? sql`(${generations.created_at}, ${generations.id}) < (${after[0]}::timestamptz, ${after[1]}::uuid)`
              : undefined,
          ),
        )
        .orderBy(desc(generations.created_at), desc(generations.id))
        .limit(limit),
    position: ({ createdAt, generation }) => [createdAt, generation.id],
    count: () => db.$count(generations, wanted),
  });
  return { ...page, data: page.data.map(({ generation }) => generation) };
}

function conditions(filter: GenerationFilter): (SQL | undefined)[] {
  const { status, avatar_id, user_id, batch_id, pack, needs_attention: needsAttention, erased } = filter;
  return [
    status && eq(generations.status, status),
    avatar_id ? eq(generations.avatar_id, avatar_id) : undefined,
    user_id ? eq(generations.user_id, user_id) : undefined,
    batch_id ? eq(generations.batch_id, batch_id) : undefined,
    pack === undefined ? undefined : eq(generations.pack, pack),
    needsAttention ? isNotNull(generations.needs_attention_at) : undefined,
    (erased ? isNotNull : isNull)(generations.erased_at),
  ];
}

import { type SQL, sql } from 'drizzle-orm';
import { Problem } from '../../errors.ts';
import type { Db } from '../../platform/db/client.ts';
import { findUnfinished } from './store.ts';

/** Generations of avatars that are about to be deleted, of a user, or a single one. */
export type Whose = { avatarIds: readonly string[] } | { userId: string } | { generationId: string };

function belongsTo(whose: Whose, idColumn: SQL): SQL {
  if ('userId' in whose) return sql`user_id = ${whose.userId}::uuid`;
  if ('generationId' in whose) return sql`${idColumn} = ${whose.generationId}::uuid`;
  return sql`avatar_id = any(${sql.param(whose.avatarIds)}::uuid[])`;
}

const erasedError = JSON.stringify({ message: 'Erased with what it was about.', detail: null });

/**
 * Removes images, prompts, inputs, results and fal's words from ended generations. Costs, times and outcomes remain.
 * @param keepFavorites for generations whose retention is over: favourites stay
 * @returns keys in the object store of the removed images, and those under which a fetch that came to nothing, or one of
 * a late result, may have stored some
 */
export async function eraseGenerations(
  db: Db,
  whose: Whose,
  { keepFavorites = false }: { keepFavorites?: boolean } = {},
): Promise<string[]> {
  const { rows } = await db.execute<{ key: string }>(sql`
    with gone as (
      -- By their own columns: those of a generation whose retention is over are null.
      delete from generation_images where ${belongsTo(whose, sql`generation_id`)} and (not ${keepFavorites} or not favorite)
      returning storage_key, thumbnail_key
    )
    select key from gone, unnest(array[storage_key, thumbnail_key]) as key where key is not null
    union all
    select 'generations/' || id || '/' || index || ending
    from generations, generate_series(0, num_images - 1) as index, unnest(array['.jpg', '.png', '.thumb.webp']) as ending
    where ${belongsTo(whose, sql`id`)} and status <> 'succeeded' and fal_request_id is not null and erased_at is null
  `);
  await db.execute(sql`
    update generations set
      -- What fal says of it from now on is counted, and nothing of it is kept.
      avatar_id = null,
      prompt = null,
      final_prompt = null,
      trigger_phrase = null,
      -- The hash of a short prompt can be found by trying.
      fingerprint = ''::bytea,
      fal_input = null,
      error = case when error is not null then error || ${erasedError}::jsonb end,
      result = null,
      late_result = null,
      late_artifacts = null,
      erased_at = now(),
      updated_at = now()
    where ${belongsTo(whose, sql`id`)} and ended_at is not null and erased_at is null
  `);
  return rows.map(({ key }) => key);
}

/**
 * Refuses the deletion of avatars whose images are being made. The avatars must be locked.
 * @throws Problem 409 `generation-running` naming the generation
 */
export async function refuseWhileGenerating(db: Db, avatarIds: readonly string[]): Promise<void> {
  const running = await findUnfinished(db, avatarIds);
  if (!running) return;
  throw new Problem(
    'generation-running',
    `A generation is ${running.status}: wait for its end, or cancel it, before deleting.`,
    {
      extensions: {
        generation_id: running.id,
        generation_status: running.status,
        avatar_id: running.avatar_id,
      },
    },
  );
}

import { type SQL, sql } from 'drizzle-orm';
import { Problem } from '../../errors.ts';
import type { Db } from '../../platform/db/client.ts';
import { findUnfinished } from './store.ts';

/** Generations of avatars that are about to be deleted, of a user, or a single one. */
export type Whose = { avatarIds: readonly string[] } | { userId: string } | { generationId: string };

function belongsTo(whose: Whose): SQL {
  if ('userId' in whose) return sql`user_id = ${whose.userId}::uuid`;
  if ('generationId' in whose) return sql`id = ${whose.generationId}::uuid`;
  return sql`avatar_id = any(${sql.param(whose.avatarIds)}::uuid[])`;
}

/** The keys of stored images, and those under which a late result may still be stored. */
export async function objectKeysOf(db: Db, whose: Whose): Promise<string[]> {
  const { rows } = await db.execute<{ key: string | null }>(sql`
    with theirs as (select id, num_images, late_result, late_artifacts from generations where ${belongsTo(whose)})
    select unnest(array[storage_key, thumbnail_key]) as key
    from generation_images where generation_id in (select id from theirs)
    union
    select image ->> name
    from theirs, jsonb_array_elements(late_artifacts) as image, unnest(array['storage_key', 'thumbnail_key']) as name
    union
    select 'generations/' || id || '/' || index || ending
    from theirs, generate_series(0, num_images - 1) as index, unnest(array['.jpg', '.png', '.thumb.webp']) as ending
    where late_result is not null
  `);
  return rows.flatMap(({ key }) => (key ? [key] : []));
}

const erased = 'Erased with the person it was about.';
const erasedError = JSON.stringify({ message: erased, detail: null });

/**
 * Removes images, prompts, inputs, results and fal's words from ended generations. Costs, times and outcomes remain.
 */
export async function eraseGenerations(db: Db, whose: Whose): Promise<void> {
  await db.execute(sql`
    delete from generation_images where generation_id in (select id from generations where ${belongsTo(whose)})
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
    where ${belongsTo(whose)} and ended_at is not null and erased_at is null
  `);
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

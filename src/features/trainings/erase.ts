import { type SQL, sql } from 'drizzle-orm';
import type { Db } from '../../platform/db/client.ts';

export type Whose = { avatarIds: readonly string[] } | { userId: string };

export function belongsTo(whose: Whose): SQL {
  return 'userId' in whose
    ? sql`user_id = ${whose.userId}::uuid`
    : sql`avatar_id = any(${sql.param(whose.avatarIds)}::uuid[])`;
}

/**
 * The keys of stored files of trainings, and those under which a fetch that came to nothing, or one of a late result, may
 * have stored some.
 */
export async function objectKeysOf(db: Db, whose: Whose): Promise<string[]> {
  const isTheirs = belongsTo(whose);
  const { rows } = await db.execute<{ key: string | null }>(sql`
    select file #>> '{storage_key}' as key
    from trainings
    cross join lateral unnest(array[
      artifacts -> 'lora', artifacts -> 'config', late_artifacts -> 'lora', late_artifacts -> 'config'
    ]) as file
    where ${isTheirs}
    union
    select 'artifacts/' || id || '/' || name
    from trainings cross join unnest(array['lora.safetensors', 'config.json']) as name
    where ${isTheirs} and status <> 'succeeded' and fal_request_id is not null
  `);
  return rows.flatMap(({ key }) => (key ? [key] : []));
}

const erased = 'Erased with the person it was about.';
const erasedError = JSON.stringify({ message: erased, detail: null });
const erasedFile = JSON.stringify({ url: '', storage_key: '' });

/**
 * Removes personal data from ended trainings: free-text settings, input, URLs, logs, results and fal's messages. Costs,
 * times and outcomes remain.
 */
export async function eraseTrainings(db: Db, whose: Whose): Promise<void> {
  await db.execute(sql`
    update trainings set
      settings = (settings::jsonb - 'trigger_phrase' - 'finetune_comment')::json,
      photo_manifest = coalesce(
        (select json_agg(json_build_object('id', photo -> 'id', 'sha256', null)) from json_array_elements(photo_manifest) photo),
        '[]'::json
      ),
      archive_url = null,
      fal_input = case when fal_input is not null then '{}'::json end,
      logs = '[]'::jsonb,
      error = case when error is not null then error || ${erasedError}::jsonb end,
      result = null,
      late_result = null,
      late_artifacts = null,
      artifacts = (
        select jsonb_object_agg(key, case when jsonb_typeof(file) = 'object' then file || ${erasedFile}::jsonb else file end)
        from jsonb_each(artifacts) as each (key, file)
      ),
      updated_at = now()
    where ${belongsTo(whose)} and ended_at is not null
  `);
}

import { type SQL, sql } from 'drizzle-orm';
import type { Db } from '../../platform/db/client.ts';
import type { Jobs } from '../../platform/jobs/jobs.ts';
import { enqueueDeletion } from '../../platform/storage/delete-objects.ts';

/** How long a job that fetches weights may still be storing them, in milliseconds: as long as it may run. */
const storingMs = 3_600_000;

/**
 * Empties ended trainings of whatever is the person's or leads to it: what was said and sent, addresses, logs, results,
 * fal's words, the bytes of its webhooks; and asks for the deletion of their files. What was paid, when and for what
 * outcome stays.
 * @param whose those of avatars that are about to be deleted, or all of a user
 */
export async function eraseTrainings(
  db: Db,
  jobs: Pick<Jobs, 'enqueue'>,
  whose: { avatarIds: string[] } | { userId: string },
): Promise<void> {
  const isTheirs: SQL =
    'userId' in whose
      ? sql`user_id = ${whose.userId}::uuid`
      : sql`avatar_id = any(${sql.param(whose.avatarIds)}::uuid[])`;
  const keys = await findKeys(db, isTheirs);
  await enqueueDeletion(db, jobs, keys);
  // A late result may be on its way into the store at this moment, under these names.
  await enqueueDeletion(db, jobs, keys, new Date(Date.now() + storingMs));
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
    where ${isTheirs} and ended_at is not null
  `);
  // One that is being drained at this moment is emptied there.
  await db.execute(sql`
    update fal_webhooks set body = ''::bytea, outcome_detail = null
    where id in (
      select id from fal_webhooks
      where drained_at is not null and training_id in (select id from trainings where ${isTheirs} and ended_at is not null)
      for update skip locked
    )
  `);
}

const erased = 'Erased with the person it was about.';
const erasedError = JSON.stringify({ message: erased, detail: null });
const erasedFile = JSON.stringify({ url: '', storage_key: '' });

async function findKeys(db: Db, isTheirs: SQL): Promise<string[]> {
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
    where ${isTheirs} and late_result is not null
  `);
  return rows.flatMap(({ key }) => (key ? [key] : []));
}

import type { Migration } from '@likeness/schema-tools/history/folder.ts';
import { queryOnce } from './postgres.ts';

/** What takes a migration back, by its name; data that it changed stays changed. */
const undo: Record<string, string> = {
  '0003_job_queue': '',
  '0004_adopted_artifacts': 'drop table adopted_artifacts',
  '0005_event_file_names': '',
  '0006_archive_uploads': 'alter table trainings drop column uploads',
  '0007_generations': `
    drop table generation_images, generations, batches, packs, fal_files;
    alter table events drop column generation_id, drop column image_id, drop column batch_id;
    alter table fal_webhooks drop column generation_id, alter column training_id set not null;
    drop index ix_trainings_submitted_at;
    alter table trainings drop column output_expires_at, drop constraint trainings_accepted_check,
      add constraint trainings_accepted_check
        check (status not in ('in_queue', 'in_progress', 'verifying', 'succeeded') or fal_request_id is not null)`,
  '0008_kept_answer_ids': 'alter table idempotency_keys drop column named_ids',
  '0009_inbox_tries': 'alter table fal_webhooks drop column tries, drop column next_try_at',
  '0010_fal_file_claims': `
    alter table fal_files drop constraint fal_files_claimed_check, drop column claimed_until;
    alter table fal_files alter column url set not null;
    drop index ix_fal_files_in_use;
    create unique index ix_fal_files_in_use on fal_files (purpose, sha256) where dropped_at is null`,
};

/** Takes a migrated database back to where it was before a migration, and its history with it. */
export async function undoMigrations(
  url: string,
  from: Migration | undefined,
  files: readonly Migration[],
): Promise<void> {
  if (!from) throw new Error('there is no such migration');
  const later = files.filter(({ when }) => when >= from.when).toReversed();
  for (const { name } of later) {
    const statement = undo[name];
    if (statement === undefined)
      throw new Error(`test/support/undo-migrations.ts does not say what takes ${name} back`);
    if (statement !== '') await queryOnce(url, statement);
  }
  await queryOnce(url, 'delete from drizzle.__drizzle_migrations where created_at >= $1', [from.when]);
}

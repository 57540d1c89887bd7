import { getTableColumns, type SQL, sql } from 'drizzle-orm';
import { type PgColumn, PgDialect, type PgTable } from 'drizzle-orm/pg-core';
import type { Db } from '../../platform/db/client.ts';
import { prepareStatement } from '../../platform/db/prepared.ts';
import { avatars, events, users } from '../../platform/db/schema.ts';
import type { EventRow } from '../events/publish.ts';
import type { Reach } from '../../platform/http/caller.ts';
import type { Avatar } from './store.ts';

/** What every new avatar begins with. What fal is told about is null until a training has told it. */
export const newDraft = {
  status: 'draft',
  finetune_id: null,
  training_progress: 0,
  training_started_at: null,
  training_completed_at: null,
  fal_mode: 'character',
  fal_iterations: 500,
  fal_priority: 'normal',
  lora_rank: 32,
  avatar_data: {},
  training_config: {},
  photos_count: 0,
  generations_count: 0,
  is_draft: true,
  photo_key: null,
  preview_key: null,
  fal_request_id: null,
  learning_rate: null,
  trigger_phrase: null,
  steps: null,
  multiresolution_training: null,
  subject_crop: null,
  create_masks: null,
  captioning: null,
  finetune_type: null,
  finetune_comment: null,
  diffusers_lora_file_url: null,
  config_file_url: null,
  training_logs: null,
  training_error: null,
  webhook_url: null,
  last_status_check: null,
  fal_response_data: null,
} as const satisfies Partial<Avatar>;

const owner = sql.placeholder('owner');
const reach = sql.placeholder('reach');

/*
 * The owner's row is written anew without a change, which locks it and gives it a new version. A statement sees the
 * avatars that were there when it began; if another one gave the owner an avatar since then, the row has another version
 * than at the beginning (xmin), and this one does nothing instead of counting too few.
 */
const insertStatement = prepareStatement<{ id: string }>(
  'insert a draft with its event',
  new PgDialect().sqlToQuery(sql`
    with owner as (
      update ${users} set updated_at = updated_at
      where id = ${owner} and (external_id is not null or telegram_id is not null)
        and (${reach}::uuid is null or id = ${reach})
        and xmin = (select xmin from ${users} where id = ${owner})
        and not exists (select from ${avatars} where user_id = ${owner} offset ${sql.placeholder('maximum')}::integer - 1)
      returning id
    ), event as (
      insert into ${events} (${names(events)}) select ${values(events, 'event', { sequence: null })} from owner
    )
    insert into ${avatars} (${names(avatars)}) select ${values(avatars, 'avatar', newDraft)} from owner
    returning id
  `),
);

/**
 * Adds an avatar and its event by one statement, if its owner is there, within reach, and has fewer than `maximum`.
 * Every column is given: in a database that was taken over the columns have no defaults.
 * @param avatar what differs from one new avatar to another; the rest is {@link newDraft}
 * @returns false when it added nothing, for one of these reasons or because somebody else gave the owner an avatar at the
 * same time; under `lockOwner` that can't be
 */
export async function insertDraft(
  db: Db,
  avatar: Omit<Avatar, keyof typeof newDraft>,
  event: EventRow,
  { maximum, userId }: Reach & { maximum: number },
): Promise<boolean> {
  const given = { ...prefixed('avatar', avatar), ...prefixed('event', event) };
  const rows = await insertStatement(db, { ...given, owner: avatar.user_id, reach: userId ?? null, maximum });
  return rows.length > 0;
}

function names(table: PgTable): SQL {
  const columns: PgColumn[] = Object.values(getTableColumns(table));
  return sql.join(
    columns.map(({ name }) => sql.identifier(name)),
    sql`, `,
  );
}

// What is the same each time stands in the text: the less travels with a request, the sooner it is done.
function values(table: PgTable, prefix: string, constants: Record<string, unknown>): SQL {
  const columns: PgColumn[] = Object.values(getTableColumns(table));
  const valueOf = (column: PgColumn) =>
    column.name in constants
      ? sql`${sql.param(constants[column.name], column)}`.inlineParams()
      : sql.placeholder(`${prefix}.${column.name}`);
  return sql.join(
    columns.map((column) => sql`${valueOf(column)}::${sql.raw(column.getSQLType())}`),
    sql`, `,
  );
}

function prefixed(prefix: string, row: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [`${prefix}.${name}`, value]));
}

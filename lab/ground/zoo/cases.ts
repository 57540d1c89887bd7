import type { DriftCode, Severity } from '@likeness/schema-tools/diff/codes.ts';

/** A manual change, and the one finding it must give. */
export type DriftCase = [sql: string, code: DriftCode, severity: Severity, object: string];

/** Changes that are not found, with the reason; counted as misses. */
export const missed: { sql: string; reason: string }[] = [
  {
    sql: 'alter table avatars set (fillfactor = 50)',
    reason: 'storage parameters change no answer and are not compared',
  },
  { sql: 'grant select on avatars to public', reason: 'grants are not compared' },
];

const tables: DriftCase[] = [
  ['drop table idempotency_keys', 'missing_table', 'critical', 'idempotency_keys'],
  ['drop table animals cascade', 'missing_table', 'critical', 'animals'],
  ['create table stranger (id integer primary key, note text)', 'extra_table', 'info', 'stranger'],
  ['alter table webhook_deliveries rename to deliveries', 'renamed_table', 'critical', 'webhook_deliveries'],
  ['alter table fal_webhooks set unlogged', 'table_storage', 'critical', 'fal_webhooks'],
  ['alter table avatars enable row level security', 'row_security', 'warning', 'avatars'],
  ['alter table avatars enable row level security, force row level security', 'row_security', 'critical', 'avatars'],
  ['alter table avatar_photos disable trigger all', 'foreign_keys_off', 'critical', 'avatar_photos'],
  [
    'create schema elsewhere; create table elsewhere.parent (); alter table keepers inherit elsewhere.parent',
    'table_inheritance',
    'warning',
    'keepers',
  ],
];

const columns: DriftCase[] = [
  ['alter table avatars drop column preview_key', 'missing_column', 'critical', 'avatars.preview_key'],
  ['alter table avatars drop column fal_request_id', 'missing_column', 'critical', 'avatars.fal_request_id'],
  ['alter table animals drop column tame cascade', 'missing_column', 'critical', 'animals.tame'],
  ['alter table avatars add column note text', 'extra_column', 'info', 'avatars.note'],
  [`alter table avatars add column is_main boolean not null default false`, 'extra_column', 'info', 'avatars.is_main'],
  ['alter table avatars add column slug text unique', 'extra_column', 'warning', 'avatars.slug'],
  ['alter table avatars add column cup text not null', 'extra_not_null_column', 'critical', 'avatars.cup'],
  ['alter table keepers add column shift serial', 'extra_column', 'info', 'keepers.shift'],
  ['alter table avatars rename column trigger_word to trigger', 'renamed_column', 'critical', 'avatars.trigger_word'],
  ['alter table avatars rename column photos_count to photos', 'renamed_column', 'critical', 'avatars.photos_count'],
  ['alter table avatars alter name type varchar(50)', 'column_type', 'critical', 'avatars.name'],
  ['alter table avatars alter name type varchar(120)', 'column_type', 'warning', 'avatars.name'],
  ['alter table avatars alter name type text', 'column_type', 'warning', 'avatars.name'],
  ['alter table avatars alter fal_priority type varchar(20)', 'column_type', 'warning', 'avatars.fal_priority'],
  ['alter table avatars alter steps type smallint', 'column_type', 'critical', 'avatars.steps'],
  ['alter table avatars alter steps type bigint', 'column_type', 'warning', 'avatars.steps'],
  [
    'alter table avatars alter last_status_check type timestamptz',
    'column_type',
    'critical',
    'avatars.last_status_check',
  ],
  ['alter table avatars alter fal_response_data type json', 'column_type', 'warning', 'avatars.fal_response_data'],
  ['alter table avatars alter learning_rate type real', 'column_type', 'critical', 'avatars.learning_rate'],
  [
    'alter table trainings alter estimated_cost_usd type numeric(12, 2)',
    'column_type',
    'critical',
    'trainings.estimated_cost_usd',
  ],
  ['alter table animals alter born type timestamptz', 'column_type', 'warning', 'animals.born'],
  ['alter table animals alter weight type numeric', 'column_type', 'warning', 'animals.weight'],
  [`alter table animals alter nicknames type text using ''`, 'column_type', 'critical', 'animals.nicknames'],
  ['alter table avatars alter gender drop not null', 'column_nullable', 'warning', 'avatars.gender'],
  ['alter table users alter telegram_id set not null', 'column_nullable', 'critical', 'users.telegram_id'],
  ['alter table avatars alter status drop default', 'column_default', 'warning', 'avatars.status'],
  [`alter table avatars alter fal_mode set default 'style'`, 'column_default', 'warning', 'avatars.fal_mode'],
  ['alter table avatars alter captioning set default true', 'column_default', 'warning', 'avatars.captioning'],
  [`alter table avatars alter avatar_data set default '[]'`, 'column_default', 'warning', 'avatars.avatar_data'],
  [
    `alter table events alter created_at set default now() - interval '1 day'`,
    'column_default',
    'warning',
    'events.created_at',
  ],
  ['alter table animals alter label drop expression', 'column_generated', 'critical', 'animals.label'],
  [
    'alter table animals drop column label; alter table animals add column label text generated always as (lower(name)) stored',
    'column_generated',
    'critical',
    'animals.label',
  ],
  ['alter table keepers alter id drop identity', 'column_identity', 'critical', 'keepers.id'],
  ['alter table keepers alter id set generated by default', 'column_identity', 'critical', 'keepers.id'],
  ['alter table keepers alter id set increment 5', 'column_identity', 'critical', 'keepers.id'],
  [
    'alter table avatars alter finetune_id type varchar(255) collate "C"',
    'column_collation',
    'warning',
    'avatars.finetune_id',
  ],
];

const types: DriftCase[] = [
  ['drop type falfinetunetype cascade', 'missing_enum', 'critical', 'falfinetunetype'],
  [`create type stray as enum ('a', 'b')`, 'extra_enum', 'info', 'stray'],
  ['alter type avatargender rename to gender', 'renamed_enum', 'warning', 'avatargender'],
  [`alter type falpriority add value 'speed'`, 'enum_values', 'warning', 'falpriority'],
  [`alter type avatartrainingtype rename value 'object' to 'thing'`, 'enum_values', 'critical', 'avatartrainingtype'],
  [`alter type falfinetunetype add value 'full' before 'lora'`, 'enum_values', 'warning', 'falfinetunetype'],
  [
    `alter type mood rename to old_mood; create type mood as enum ('calm', 'cross', 'merry');
     drop materialized view moods; alter table animals alter mood type mood using mood::text::mood;
     create materialized view moods as select mood, count(*) as n from animals group by mood;
     alter table keepers alter mood drop default, alter mood type mood using mood::text::mood, alter mood set default 'calm';
     drop type old_mood`,
    'enum_values',
    'warning',
    'mood',
  ],
  ['alter domain percent drop constraint percent_check', 'type_def', 'warning', 'percent'],
  ['create type couple as (a integer, b integer)', 'extra_type', 'info', 'couple'],
];

const indexes: DriftCase[] = [
  ['drop index ix_avatars_training_type', 'missing_index', 'warning', 'avatars.ix_avatars_training_type'],
  ['drop index ix_trainings_fal_request_id', 'missing_index', 'critical', 'trainings.ix_trainings_fal_request_id'],
  ['create index ix_extra on avatars (name)', 'extra_index', 'info', 'avatars.ix_extra'],
  ['create unique index ix_extra on avatars (name)', 'extra_index', 'warning', 'avatars.ix_extra'],
  [
    'alter index ix_avatars_finetune_id rename to ix_finetune',
    'renamed_index',
    'info',
    'avatars.ix_avatars_finetune_id',
  ],
  [
    'drop index ix_avatars_fal_request_id; create index ix_avatars_fal_request_id on avatars (finetune_id)',
    'index_def',
    'warning',
    'avatars.ix_avatars_fal_request_id',
  ],
  [
    'drop index ix_animals_name_mood; create index ix_animals_name_mood on animals (mood, name)',
    'index_def',
    'warning',
    'animals.ix_animals_name_mood',
  ],
  [
    'drop index ix_animals_fed_at; create index ix_animals_fed_at on animals (fed_at)',
    'index_def',
    'warning',
    'animals.ix_animals_fed_at',
  ],
  [
    'drop index ix_animals_tame; create index ix_animals_tame on animals (id)',
    'index_def',
    'warning',
    'animals.ix_animals_tame',
  ],
  [
    'drop index ix_trainings_unfinished; create unique index ix_trainings_unfinished on trainings (avatar_id)',
    'index_def',
    'critical',
    'trainings.ix_trainings_unfinished',
  ],
  [
    'drop index ix_keepers_lower_name; create unique index ix_keepers_lower_name on keepers (upper(name))',
    'index_def',
    'critical',
    'keepers.ix_keepers_lower_name',
  ],
  [
    'drop index ix_users_telegram_id; create index ix_users_telegram_id on users (telegram_id)',
    'index_def',
    'critical',
    'users.ix_users_telegram_id',
  ],
  [
    'drop index ix_animals_name_pattern; create index ix_animals_name_pattern on animals (name)',
    'index_def',
    'warning',
    'animals.ix_animals_name_pattern',
  ],
  [
    'drop index ix_animals_traits; create index ix_animals_traits on animals using gin (traits jsonb_path_ops)',
    'index_def',
    'warning',
    'animals.ix_animals_traits',
  ],
  [
    'drop index ix_avatar_photos_user_id; create index ix_avatar_photos_user_id on avatar_photos using hash (user_id)',
    'index_def',
    'warning',
    'avatar_photos.ix_avatar_photos_user_id',
  ],
  [
    'drop index ix_animals_name_mood; create index ix_animals_name_mood on animals (name, mood) include (legs)',
    'index_def',
    'warning',
    'animals.ix_animals_name_mood',
  ],
  [
    `update pg_index set indisvalid = false where indexrelid = 'ix_avatars_finetune_id'::regclass`,
    'index_invalid',
    'warning',
    'avatars.ix_avatars_finetune_id',
  ],
  [
    `update pg_index set indisvalid = false where indexrelid = 'ix_api_keys_key_hash'::regclass`,
    'index_invalid',
    'critical',
    'api_keys.ix_api_keys_key_hash',
  ],
  [
    'drop index ix_api_keys_key_hash; alter table api_keys add constraint api_keys_key_hash_key unique (key_hash)',
    'unique_kind',
    'info',
    'api_keys.ix_api_keys_key_hash',
  ],
];

const constraints: DriftCase[] = [
  [
    'alter table avatars drop constraint avatars_training_progress_check',
    'missing_constraint',
    'warning',
    'avatars.avatars_training_progress_check',
  ],
  [
    'alter table avatars drop constraint avatars_user_id_fkey',
    'missing_constraint',
    'warning',
    'avatars.avatars_user_id_fkey',
  ],
  [
    'alter table keepers drop constraint keepers_email_key',
    'missing_constraint',
    'critical',
    'keepers.keepers_email_key',
  ],
  [
    'alter table idempotency_keys drop constraint idempotency_keys_pkey',
    'missing_constraint',
    'critical',
    'idempotency_keys.idempotency_keys_pkey',
  ],
  [
    'alter table keepers drop constraint keepers_pkey cascade',
    'missing_constraint',
    'critical',
    'keepers.keepers_pkey',
  ],
  [
    'alter table animals drop constraint animals_no_overlap',
    'missing_constraint',
    'warning',
    'animals.animals_no_overlap',
  ],
  [
    'alter table avatars add constraint steps_few check (steps < 10)',
    'extra_constraint',
    'warning',
    'avatars.steps_few',
  ],
  ['alter table avatars add constraint name_key unique (name)', 'extra_constraint', 'warning', 'avatars.name_key'],
  [
    'alter table users add constraint users_photo_fkey foreign key (id) references avatar_photos (id) not valid',
    'extra_constraint',
    'warning',
    'users.users_photo_fkey',
  ],
  [
    'alter table avatars rename constraint avatars_user_id_fkey to avatars_owner_fkey',
    'renamed_constraint',
    'info',
    'avatars.avatars_user_id_fkey',
  ],
  [
    'alter table avatars rename constraint avatars_pkey to pk_avatars',
    'renamed_constraint',
    'info',
    'avatars.avatars_pkey',
  ],
  [
    `alter table trainings drop constraint trainings_avatar_id_fkey,
     add constraint trainings_avatar_id_fkey foreign key (avatar_id) references avatars (id) on delete cascade`,
    'constraint_def',
    'warning',
    'trainings.trainings_avatar_id_fkey',
  ],
  [
    `alter table animals drop constraint animals_keeper_id_fkey,
     add constraint animals_keeper_id_fkey foreign key (keeper_id) references keepers (id) on delete cascade`,
    'constraint_def',
    'warning',
    'animals.animals_keeper_id_fkey',
  ],
  [
    'alter table avatars alter constraint avatars_user_id_fkey deferrable initially deferred',
    'constraint_def',
    'warning',
    'avatars.avatars_user_id_fkey',
  ],
  [
    `alter table avatars drop constraint avatars_training_progress_check,
     add constraint avatars_training_progress_check check (training_progress between 0 and 99)`,
    'constraint_def',
    'warning',
    'avatars.avatars_training_progress_check',
  ],
  [
    `alter table animals drop constraint animals_tag_key, add constraint animals_tag_key unique (tag)`,
    'constraint_def',
    'critical',
    'animals.animals_tag_key',
  ],
  [
    `alter table idempotency_keys drop constraint idempotency_keys_pkey, add constraint idempotency_keys_pkey primary key (key, caller)`,
    'constraint_def',
    'critical',
    'idempotency_keys.idempotency_keys_pkey',
  ],
  [
    `alter table avatar_photos drop constraint avatar_photos_avatar_id_fkey,
     add constraint avatar_photos_avatar_id_fkey foreign key (avatar_id) references avatars (id) on delete cascade not valid`,
    'constraint_not_valid',
    'warning',
    'avatar_photos.avatar_photos_avatar_id_fkey',
  ],
  [
    `alter table avatars drop constraint avatars_photos_count_check,
     add constraint avatars_photos_count_check check (photos_count >= 0) not valid`,
    'constraint_not_valid',
    'warning',
    'avatars.avatars_photos_count_check',
  ],
  [
    `update pg_index set indisvalid = false where indexrelid = 'keepers_email_key'::regclass`,
    'index_invalid',
    'critical',
    'keepers.keepers_email_key',
  ],
];

const others: DriftCase[] = [
  ['drop sequence events_sequence', 'missing_sequence', 'critical', 'events_sequence'],
  ['drop sequence animals_id_seq cascade', 'missing_sequence', 'critical', 'animals_id_seq'],
  ['create sequence stray', 'extra_sequence', 'info', 'stray'],
  ['alter sequence ticket_numbers rename to tickets', 'renamed_sequence', 'critical', 'ticket_numbers'],
  ['alter sequence ticket_numbers increment 1', 'sequence_def', 'warning', 'ticket_numbers'],
  ['alter sequence ticket_numbers maxvalue 200', 'sequence_def', 'warning', 'ticket_numbers'],
  ['alter sequence ticket_numbers cycle', 'sequence_def', 'warning', 'ticket_numbers'],
  ['alter sequence animals_id_seq owned by none', 'sequence_def', 'warning', 'animals_id_seq'],
  ['alter sequence events_sequence as integer', 'sequence_def', 'warning', 'events_sequence'],
  ['drop view tame_animals', 'missing_view', 'critical', 'tame_animals'],
  ['create view all_avatars as select * from avatars', 'extra_view', 'info', 'all_avatars'],
  [
    'create or replace view tame_animals as select id, name from animals where not tame',
    'view_def',
    'warning',
    'tame_animals',
  ],
  ['alter view tame_animals set (security_invoker = true)', 'view_def', 'warning', 'tame_animals'],
  [
    'drop materialized view moods; create view moods as select mood, count(*) as n from animals group by mood',
    'view_def',
    'warning',
    'moods',
  ],
  ['drop trigger animals_touch on animals', 'missing_trigger', 'warning', 'animals.animals_touch'],
  [
    'create trigger late before insert on avatars for each row execute function touch()',
    'extra_trigger',
    'warning',
    'avatars.late',
  ],
  [
    'drop trigger animals_touch on animals; create trigger animals_touch after update on animals for each row execute function touch()',
    'trigger_def',
    'warning',
    'animals.animals_touch',
  ],
  ['alter table animals disable trigger animals_touch', 'trigger_disabled', 'warning', 'animals.animals_touch'],
  ['drop function legs_of(integer)', 'missing_function', 'critical', 'legs_of(integer)'],
  ['drop function touch() cascade', 'missing_function', 'critical', 'touch()'],
  ['create function stray() returns integer language sql as $$ select 1 $$', 'extra_function', 'info', 'stray()'],
  [
    'create or replace function legs_of(animal integer) returns integer language sql stable as $$ select 4 $$',
    'function_def',
    'warning',
    'legs_of(integer)',
  ],
  ['alter function touch() security definer', 'function_def', 'warning', 'touch()'],
  ['drop policy keepers_see_themselves on keepers', 'missing_policy', 'warning', 'keepers.keepers_see_themselves'],
  ['create policy everyone on keepers for insert with check (true)', 'extra_policy', 'warning', 'keepers.everyone'],
  [
    'alter policy keepers_see_themselves on keepers using (id = 2)',
    'policy_def',
    'warning',
    'keepers.keepers_see_themselves',
  ],
  ['alter table keepers disable row level security', 'row_security', 'warning', 'keepers'],
  ['drop rule keepers_stay on keepers', 'missing_rule', 'warning', 'keepers.keepers_stay'],
  ['create rule swallow as on insert to avatars do instead nothing', 'extra_rule', 'critical', 'avatars.swallow'],
  [`comment on column animals.legs is 'wrong'`, 'comment', 'info', 'animals.legs'],
  ['comment on table animals is null', 'comment', 'info', 'animals'],
  ['create extension hstore', 'extra_extension', 'info', 'hstore'],
];

/** Every induced drift, each with one finding at most. */
export const driftCases: DriftCase[] = [...tables, ...columns, ...types, ...indexes, ...constraints, ...others];

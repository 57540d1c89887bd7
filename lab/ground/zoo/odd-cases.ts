import type { DriftCase } from './cases.ts';

/** Drifts that a textual comparison misses, reports repeatedly, or repairs wrongly. */
const attributes: DriftCase[] = [
  ['alter sequence ticket_numbers cache 20', 'sequence_def', 'warning', 'ticket_numbers'],
  ['alter sequence ticket_numbers set unlogged', 'sequence_def', 'warning', 'ticket_numbers'],
  ['alter sequence animals_id_seq set unlogged', 'sequence_def', 'warning', 'animals_id_seq'],
  ['alter table keepers alter id set cache 7', 'column_identity', 'critical', 'keepers.id'],
  ['alter table keepers alter id set cycle', 'column_identity', 'critical', 'keepers.id'],
  ['alter table keepers alter id set minvalue -5', 'column_identity', 'critical', 'keepers.id'],
  ['alter table pens alter id set increment 1', 'column_identity', 'critical', 'pens.id'],
  ['alter sequence keepers_id_seq set unlogged', 'column_identity', 'critical', 'keepers.id'],
  ['alter table events_ids alter id type bigint', 'column_type', 'warning', 'events_ids.id'],
  ['alter table keepers alter id drop identity', 'column_identity', 'critical', 'keepers.id'],
  [
    'alter table pens alter many drop default, alter many set not null, alter many add generated always as identity',
    'column_identity',
    'critical',
    'pens.many',
  ],
];

const casts: DriftCase[] = [
  [
    'drop index ix_pens_code; create index ix_pens_code on pens (upper(code::varchar(5)))',
    'index_def',
    'warning',
    'pens.ix_pens_code',
  ],
  [
    'drop index ix_keepers_lower_name; create unique index ix_keepers_lower_name on keepers (lower(name::varchar(3)))',
    'index_def',
    'critical',
    'keepers.ix_keepers_lower_name',
  ],
  [`alter table pens alter code set default 'abcdef'::varchar(3)`, 'column_default', 'warning', 'pens.code'],
  [`alter table pens alter code set default null`, 'column_default', 'warning', 'pens.code'],
  [
    `alter table pens alter opened set default now() + interval '0.001 seconds'`,
    'column_default',
    'warning',
    'pens.opened',
  ],
  [`alter table pens alter opened set default statement_timestamp()`, 'column_default', 'warning', 'pens.opened'],
  [`alter table pens alter opened set default 'now'`, 'column_default', 'warning', 'pens.opened'],
  [`alter table pens alter extra set default '[]'`, 'column_default', 'warning', 'pens.extra'],
  [`alter table pens alter many set default 33`, 'column_default', 'warning', 'pens.many'],
  [`alter table pens alter tags set default array['']`, 'column_default', 'warning', 'pens.tags'],
];

const bodies: DriftCase[] = [
  [
    `create or replace function pen_size(pen integer) returns text language sql stable as $$ select size::text from pens where id = pen and code <> 'public.pens' $$`,
    'function_def',
    'warning',
    'pen_size(integer)',
  ],
  [
    `create or replace function pen_size(pen integer) returns text language sql stable as $$ select size::text from public.pens where id = pen and code <> 'pens' $$`,
    'function_def',
    'warning',
    'pen_size(integer)',
  ],
  [
    `drop function pen_size; create function pen_size(pen integer) returns integer language sql stable as $$ select 1 $$;
     comment on function pen_size(integer) is 'how large'`,
    'function_def',
    'warning',
    'pen_size(integer)',
  ],
  [
    `drop function legs_of; create function legs_of(beast integer) returns integer language sql stable as $$ select legs from animals where id = animal $$`.replace(
      'where id = animal',
      'where id = beast',
    ),
    'function_def',
    'warning',
    'legs_of(integer)',
  ],
  ['drop procedure close_pens', 'missing_function', 'critical', 'close_pens(integer)'],
  ['create procedure stray() language sql as $$ select 1 $$', 'extra_function', 'info', 'stray()'],
  ['drop aggregate total(integer)', 'missing_function', 'critical', 'total(integer)'],
  ['create aggregate stray(integer) (sfunc = int4pl, stype = integer)', 'extra_function', 'info', 'stray(integer)'],
  [
    'drop aggregate total(integer); create aggregate total(integer) (sfunc = int4mul, stype = integer, initcond = 0)',
    'function_def',
    'warning',
    'total(integer)',
  ],
  ['alter function pen_size(integer) rename to "Size of"', 'renamed_function', 'critical', 'pen_size(integer)'],
  ['comment on function pen_size(integer) is null', 'comment', 'info', 'pen_size(integer)'],
  ['comment on materialized view pen_codes is null', 'comment', 'info', 'pen_codes'],
  ['comment on domain label is null', 'comment', 'info', 'label'],
  [`comment on column open_pens.code is 'wrong'`, 'comment', 'info', 'open_pens'],
  [`comment on policy pens_all on pens is 'wrong'`, 'comment', 'info', 'pens.pens_all'],
];

const firing: DriftCase[] = [
  ['alter table keepers disable rule keepers_stay', 'rule_def', 'critical', 'keepers.keepers_stay'],
  ['alter table keepers enable always rule keepers_stay', 'rule_def', 'critical', 'keepers.keepers_stay'],
  ['alter table animals enable always trigger animals_touch', 'trigger_disabled', 'warning', 'animals.animals_touch'],
  ['alter table pens enable trigger pens_always', 'trigger_disabled', 'warning', 'pens.pens_always'],
  ['drop trigger pens_always on pens', 'missing_trigger', 'warning', 'pens.pens_always'],
  ['drop trigger pens_replica on pens', 'missing_trigger', 'warning', 'pens.pens_replica'],
  ['alter table animals disable trigger all', 'foreign_keys_off', 'critical', 'animals'],
  ['alter trigger pens_always on pens rename to first', 'renamed_trigger', 'info', 'pens.pens_always'],
  ['drop policy pens_all on pens', 'missing_policy', 'warning', 'pens.pens_all'],
  ['alter policy pens_all on pens rename to everything', 'renamed_policy', 'info', 'pens.pens_all'],
  ['alter rule keepers_stay on keepers rename to stay', 'renamed_rule', 'info', 'keepers.keepers_stay'],
];

const views: DriftCase[] = [
  ['drop rule close_pen on open_pens', 'missing_rule', 'warning', 'open_pens.close_pen'],
  ['create rule open_pen as on insert to open_pens do instead nothing', 'extra_rule', 'critical', 'open_pens.open_pen'],
  ['alter view open_pens alter column code drop default', 'view_def', 'warning', 'open_pens'],
  ['alter view open_pens alter column id set default 7', 'view_def', 'warning', 'open_pens'],
  ['alter view open_pens reset (security_barrier)', 'view_def', 'warning', 'open_pens'],
  ['alter view open_pens set (check_option = local)', 'view_def', 'warning', 'open_pens'],
  ['drop view open_pens', 'missing_view', 'critical', 'open_pens'],
  ['alter view open_pens rename to pens_open', 'renamed_view', 'critical', 'open_pens'],
  [
    'drop view tame_animals; create view tame_animals as select id from animals where tame',
    'view_def',
    'warning',
    'tame_animals',
  ],
];

const causes: DriftCase[] = [
  ['create type width as range (subtype = integer)', 'extra_type', 'info', 'width'],
  ['drop type span cascade', 'missing_type', 'critical', 'span'],
  ['drop extension if exists hstore; drop domain percent cascade', 'missing_type', 'critical', 'percent'],
  ['create schema elsewhere; alter type mood set schema elsewhere', 'renamed_enum', 'warning', 'mood'],
  ['create schema elsewhere; alter table animals set schema elsewhere', 'renamed_table', 'critical', 'animals'],
  ['create schema elsewhere; alter domain percent set schema elsewhere', 'renamed_type', 'warning', 'percent'],
  ['create schema elsewhere; alter view open_pens set schema elsewhere', 'renamed_view', 'critical', 'open_pens'],
  [
    'create schema elsewhere; alter sequence ticket_numbers set schema elsewhere',
    'renamed_sequence',
    'critical',
    'ticket_numbers',
  ],
  [
    'create schema elsewhere; alter function legs_of(integer) set schema elsewhere',
    'renamed_function',
    'critical',
    'legs_of(integer)',
  ],
  [
    'alter table webhook_attempts rename to attempts; create view webhook_attempts as select * from attempts',
    'renamed_table',
    'critical',
    'webhook_attempts',
  ],
  [
    'drop table idempotency_keys; create view idempotency_keys as select 1 as key',
    'missing_table',
    'critical',
    'idempotency_keys',
  ],
  ['alter domain percent rename to share', 'renamed_type', 'warning', 'percent'],
  ['alter table visits add primary key (day, id, visitors)', 'extra_constraint', 'critical', 'visits.visits_pkey'],
];

const grades: DriftCase[] = [
  ['create table old_avatars () inherits (avatars)', 'extra_table', 'critical', 'old_avatars'],
  [
    'create table likes (id integer primary key, avatar_id uuid references avatars (id))',
    'extra_table',
    'warning',
    'likes',
  ],
  [
    'alter table animals alter legs drop default, alter legs add generated always as identity',
    'column_identity',
    'critical',
    'animals.legs',
  ],
  [
    'alter table users add column twice text generated always as (lower(id::text)) stored',
    'extra_column',
    'info',
    'users.twice',
  ],
  [
    `alter table animals drop column speed; alter table animals add column speed real generated always as (1.5) stored`,
    'column_generated',
    'critical',
    'animals.speed',
  ],
  ['alter domain label drop not null', 'type_def', 'warning', 'label'],
  [`alter domain label set default 'some'`, 'type_def', 'warning', 'label'],
  [`alter domain percent add constraint few check (value < 50)`, 'type_def', 'warning', 'percent'],
  [`alter type pair add attribute third integer`, 'type_def', 'warning', 'pair'],
];

const order: DriftCase[] = [
  [
    'create domain short as varchar(20); alter table animals add column brief short',
    'extra_column',
    'info',
    'animals.brief',
  ],
  ['create extension hstore; alter table animals add column pairs hstore', 'extra_column', 'info', 'animals.pairs'],
  ['create unique index ix_moods on moods (mood)', 'extra_index', 'warning', 'moods.ix_moods'],
];

/** Odd drifts, each with one finding. */
export const oddCases: DriftCase[] = [...attributes, ...casts, ...bodies, ...firing, ...views, ...causes, ...grades];

/** Changes with several causes, whose repairs depend on each other. */
export const chains: string[] = [
  'drop view tame_animals; alter table animals drop column label; alter table animals alter name type varchar(50); alter table animals add column label text generated always as (upper(name)) stored; create view tame_animals as select id, name from animals where tame',
  ...order.map(([sql]) => sql),
  'create materialized view counted as select mood from animals; create index ix_counted on counted (mood)',
  'create function five() returns integer language sql immutable as $$ select 5 $$; alter table animals alter legs set default five()',
  `create type feeling as enum ('calm', 'merry', 'cross'); alter table keepers alter mood drop default, alter mood type feeling using mood::text::feeling, alter mood set default 'calm'`,
  'create view one as select id from animals; create view two as select id from one; create function three() returns setof two language sql as $$ select * from two $$',
  'create domain short as varchar(20); create domain shorter as short; alter table animals add column brief shorter',
  'alter table keepers rename to people; drop index ix_keepers_lower_name; alter table people add column extra integer',
];

/** Other spellings of the model. */
export const harmless: string[] = [
  'alter table pens alter opened set default transaction_timestamp()',
  'alter table pens alter opened set default current_timestamp',
  'alter table animals alter traits set default null',
  'alter table keepers alter email set default null',
  'alter table pens alter many set default (30 + 2)',
  `alter table pens alter extra set default '{ }'::json`,
  'alter table pens alter tags set default array[]::text[]',
  `alter table pens alter code set default 'x'::text`,
  `alter table animals alter legs set default '4'`,
  'alter table animals alter tame set default (1 = 2)',
  'drop index ix_keepers_lower_name; create unique index ix_keepers_lower_name on keepers (lower(name::text))',
  `alter table animals drop constraint animals_legs_check, add constraint animals_legs_check check (legs between 0 and 1000)`,
  `alter sequence ticket_numbers start 100 increment by 10 maxvalue 100000 no cycle cache 1`,
  'create or replace view tame_animals as select animals.id, animals.name from public.animals where animals.tame',
  'alter table pens alter id restart with 50',
];

/** Changes of constraints that only PostgreSQL 18 allows. */
export const notEnforced: string[] = [
  'alter table animals alter constraint animals_keeper_id_fkey not enforced',
  'alter table animals drop constraint animals_legs_check, add constraint animals_legs_check check (legs >= 0 and legs <= 1000) not enforced',
];

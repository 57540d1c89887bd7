import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { is } from 'drizzle-orm';
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core';
import type pg from 'pg';
import t from 'tap';
import * as schema from '../../../src/platform/db/schema.ts';
import { queue as installedQueue } from '../../../src/platform/db/queue.ts';
import { earlierColumns, enums, falColumns, foreignKeys, indexes, tables } from '../../support/expected-schema.ts';
import {
  type CatalogColumn,
  differences,
  readColumns,
  readEnums,
  readForeignKeys,
  readIndexes,
  readTables,
} from '../../support/catalog.ts';
import { trainingRules } from '../../../lab/ground/training-rules.ts';
import { checkIntegrity } from '../../support/integrity.ts';
import { createTestDatabase } from '../../support/postgres.ts';
import { project } from '../../../src/database.ts';

type Check = (client: pg.ClientBase) => Promise<string[]>;

// Each check is first run on the database as the migrations make it, then on the same one broken on purpose: it has to name
// what was broken, or it would not notice either when that happens by accident. PostgreSQL takes the damage back.
function schemaTest(name: string, check: Check, mutations: [sql: string, expected: RegExp][]): void {
  void t.test(name, async (t) => {
    const { pool } = await createTestDatabase(t);
    const client = await pool.connect();
    t.teardown(() => client.release());
    await client.query('begin');
    t.same(await check(client), []);
    await client.query('rollback');
    for (const [sql, expected] of mutations) {
      await client.query('begin');
      await client.query(sql);
      t.match((await check(client)).join('\n'), expected, sql);
      await client.query('rollback');
    }
  });
}

schemaTest('version table present and current', checkVersion, [
  ['drop table drizzle.__drizzle_migrations', /history: missing/],
  ['delete from drizzle.__drizzle_migrations', /0000_initial: missing/],
  [`update drizzle.__drizzle_migrations set hash = 'other'`, /0000_initial: expected .*found "other"/],
  [`insert into drizzle.__drizzle_migrations (hash, created_at) values ('x', 1)`, /1: not expected/],
  ['update pgboss.version set version = 1', /pg-boss: expected/],
]);

schemaTest('expected tables', async (client) => differences(named(tables), named(await readTables(client))), [
  ['drop table idempotency_keys', /idempotency_keys: missing/],
  ['create table stranger (id int)', /stranger: not expected/],
]);

schemaTest('the 24 earlier columns', (client) => checkColumns(client, earlierColumns), [
  ['alter table avatars drop column preview_key', /preview_key: missing/],
  ['alter table avatars alter name type varchar(120)', /name: .*character varying\(120\)/],
  ['alter table avatars alter gender drop not null', /gender: /],
  [`alter table avatars alter fal_mode set default 'style'`, /fal_mode: .*'style'/],
]);

schemaTest('the 18 fal columns', (client) => checkColumns(client, falColumns), [
  ['alter table avatars drop column webhook_url', /webhook_url: missing/],
  ['alter table avatars alter trigger_phrase type varchar(100)', /trigger_phrase: .*character varying\(100\)/],
  ['alter table avatars alter last_status_check type timestamptz', /last_status_check: .*with time zone/],
  ['alter table avatars alter learning_rate set not null', /learning_rate: /],
  ['alter table avatars alter captioning set default true', /captioning: .*true/],
]);

schemaTest('the enum types with their labels in order', async (client) => differences(enums, await readEnums(client)), [
  [`alter type falpriority add value 'speed'`, /falpriority: .*"speed"/],
  [`alter type avatartrainingtype rename value 'object' to 'thing'`, /avatartrainingtype: .*"thing"/],
  [`alter type falfinetunetype add value 'full' before 'lora'`, /falfinetunetype: .*\["full","lora"/],
  [`create type stray as enum ('a')`, /stray: not expected/],
  ['alter type avatargender rename to gender', /avatargender: missing/],
]);

schemaTest('the two fal indexes and the unique ones', checkIndexes, [
  ['drop index ix_avatars_training_type', /ix_avatars_training_type: missing/],
  [
    'drop index ix_avatars_fal_request_id; create index ix_avatars_fal_request_id on avatars (finetune_id)',
    /ix_avatars_fal_request_id: .*found "avatars \(finetune_id\)"/,
  ],
  [
    'drop index ix_trainings_fal_request_id; create index ix_trainings_fal_request_id on trainings (fal_request_id)',
    /ix_trainings_fal_request_id: expected "unique/,
  ],
  [
    'drop index ix_trainings_unfinished; create unique index ix_trainings_unfinished on trainings (avatar_id)',
    /ix_trainings_unfinished: expected .*WHERE/,
  ],
  ['create unique index ix_users_first_name on users (first_name)', /ix_users_first_name: not expected/],
]);

schemaTest('the model equals the database', checkModel, [
  ['alter table avatars add column is_main boolean', /avatars\.is_main: not expected/],
  ['alter table avatars drop column is_draft', /avatars\.is_draft: missing/],
  [
    'alter table trainings alter estimated_cost_usd type numeric(12, 2)',
    /trainings\.estimated_cost_usd: .*numeric\(12,2\)/,
  ],
  ['alter table users alter external_id set not null', /users\.external_id: /],
  ['alter table events alter created_at drop default', /events\.created_at: /],
]);

schemaTest(
  'foreign keys with their actions',
  async (client) => differences(foreignKeys, await readForeignKeys(client)),
  [
    ['alter table avatars drop constraint avatars_user_id_fkey', /avatars_user_id_fkey: missing/],
    [
      `alter table trainings drop constraint trainings_avatar_id_fkey,
       add constraint trainings_avatar_id_fkey foreign key (avatar_id) references avatars (id) on delete cascade`,
      /trainings_avatar_id_fkey: expected .*SET NULL.*CASCADE/,
    ],
    [
      `alter table avatar_photos drop constraint avatar_photos_avatar_id_fkey,
       add constraint avatar_photos_avatar_id_fkey foreign key (avatar_id) references avatars (id) on delete cascade not valid`,
      /avatar_photos_avatar_id_fkey: missing/,
    ],
  ],
);

schemaTest('integrity: no orphan and no illegal combination gets in', checkIntegrity, [
  ['alter table avatars drop constraint avatars_user_id_fkey', /^an avatar without its user got in$/],
  ['alter table avatar_photos drop constraint avatar_photos_avatar_id_fkey', /^a photo without its avatar got in$/],
  ['alter table trainings drop constraint trainings_avatar_id_fkey', /^a training without its avatar got in$/],
  ['alter table avatars drop constraint avatars_training_progress_check', /^progress above 100 got in$/],
  ['alter table avatars drop constraint avatars_photos_count_check', /^a negative count of photos got in$/],
  ['alter table avatars drop constraint avatars_is_draft_check', /^a draft that is ready got in$/],
  ['drop index ix_avatar_photos_avatar_id_file_hash', /^the same photo twice in an avatar got in$/],
  ['drop index ix_trainings_unfinished', /^two unfinished trainings of an avatar got in$/],
  ['drop index ix_trainings_fal_request_id', /^two trainings with one request id got in$/],
  ...checksOfTrainings(),
  ['drop index ix_users_telegram_id', /^two users with one telegram_id got in$/],
  ['drop index ix_users_main_avatar_id', /^one avatar as the main one of two users got in$/],
  ['alter table installation drop constraint installation_id_check', /^a second installation got in$/],
]);

/** Without a check, all that it alone keeps out gets in, and nothing else. */
function checksOfTrainings(): [sql: string, expected: RegExp][] {
  const byCheck = Map.groupBy(
    trainingRules.filter(({ check }) => check !== undefined),
    ({ check }) => check,
  );
  return [...byCheck].map(([check, rules]) => {
    const kept = rules.flatMap(({ breaks = {} }) => Object.keys(breaks).map((what) => `${what} got in`));
    return [`alter table trainings drop constraint trainings_${check}`, new RegExp(`^${kept.join('\n')}$`)];
  });
}

async function checkVersion(client: pg.ClientBase): Promise<string[]> {
  const { rows: found } = await client.query(`select to_regclass('drizzle.__drizzle_migrations') as history`);
  if (found[0]?.history === null) return ['history: missing'];
  const { rows } = await client.query<{ hash: string; created_at: number }>(
    'select hash, created_at from drizzle.__drizzle_migrations',
  );
  const journal: { entries: { tag: string; when: number }[] } = JSON.parse(
    await readFile(join(project.folder, 'meta/_journal.json'), 'utf8'),
  );
  const names = new Map(journal.entries.map(({ tag, when }) => [when, tag]));
  const expected = await Promise.all(
    journal.entries.map(async ({ tag }) => {
      const text = await readFile(join(project.folder, `${tag}.sql`));
      return [tag, createHash('sha256').update(text).digest('hex')] as const;
    }),
  );
  const actual = rows.map(({ hash, created_at }) => [names.get(created_at) ?? String(created_at), hash] as const);
  const { rows: queue } = await client.query<{ version: number }>('select version from pgboss.version');
  return differences(
    { ...Object.fromEntries(expected), 'pg-boss': installedQueue.wanted },
    { ...Object.fromEntries(actual), 'pg-boss': queue[0]?.version },
  );
}

// The expected columns alone are looked at; a stranger beside them is for the model's test to find.
async function checkColumns(client: pg.ClientBase, expected: CatalogColumn[]): Promise<string[]> {
  const names = expected.map(({ name }) => name);
  const actual = (await readColumns(client, 'avatars')).filter(({ name }) => names.includes(name));
  return differences(keyed(expected), keyed(actual));
}

async function checkIndexes(client: pg.ClientBase): Promise<string[]> {
  const actual = Object.entries(await readIndexes(client));
  const looked = actual.filter(([name, definition]) => name in indexes || definition.startsWith('unique '));
  return differences(indexes, Object.fromEntries(looked));
}

async function checkModel(client: pg.ClientBase): Promise<string[]> {
  const modelled = Object.values(schema)
    .filter((value) => is(value, PgTable))
    .map(getTableConfig);
  const expected: CatalogColumn[] = [];
  const actual: CatalogColumn[] = [];
  for (const { name: table, columns } of modelled) {
    for (const column of columns) {
      const type = spelled(column.getSQLType());
      expected.push({
        name: `${table}.${column.name}`,
        type,
        nullable: !column.notNull,
        default: column.hasDefault ? 'some' : null,
      });
    }
    for (const column of await readColumns(client, table)) {
      actual.push({ ...column, name: `${table}.${column.name}`, default: column.default === null ? null : 'some' });
    }
  }
  const count = (list: CatalogColumn[]) => list.filter(({ name }) => name.startsWith('avatars.')).length;
  const wrongCount = [count(expected), count(actual)].some((n) => n !== 42) ? ['avatars has not 42 columns'] : [];
  return [...differences(keyed(expected), keyed(actual)), ...wrongCount];
}

// PostgreSQL's own spelling of the types that drizzle writes shorter.
function spelled(type: string): string {
  return type
    .replace(/^varchar/, 'character varying')
    .replace(/^timestamp$/, 'timestamp without time zone')
    .replace(', ', ',');
}

function named(names: string[]): Record<string, true> {
  return Object.fromEntries(names.map((name) => [name, true]));
}

function keyed(columns: CatalogColumn[]): Record<string, unknown> {
  return Object.fromEntries(columns.map(({ name, ...rest }) => [name, rest]));
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { t } from '../../support/tap.ts';
import { catalogAt, makeCatalogFile, readCatalogFile, renderCatalogFile } from '@likeness/schema-tools/catalog/file.ts';
import { exportModel } from '@likeness/schema-tools/catalog/model.ts';
import { readCatalog } from '@likeness/schema-tools/catalog/read.ts';
import { buildScratch } from '@likeness/schema-tools/catalog/scratch.ts';
import { migrate } from '@likeness/schema-tools/acts/migrate.ts';
import { project, projectAt } from '../../../src/database.ts';
import { readMigrations } from '@likeness/schema-tools/history/folder.ts';
import { writeMigrations } from '../../../lab/ground/migration-files.ts';
import { createEmptyDatabase, createTestDatabase } from '../../support/postgres.ts';

t.test('catalog.json is what the migrations make, and what the model makes', async (t) => {
  const client = await connect(t, (await createEmptyDatabase(t)).url);
  const migrations = await readMigrations(project);
  const made = await makeCatalogFile(client, project, migrations);
  const committed = await readFile(join(project.folder, 'catalog.json'), 'utf8');
  t.equal(
    renderCatalogFile(made),
    committed,
    'write it with `npm run --silent likeness -- db generate --catalog-only`',
  );
  const [model] = await buildScratch(client, [(await exportModel(await project.model.load())) ?? []]);
  t.same(model, catalogAt(made, migrations.length), 'the model changed: make a migration with `likeness db generate`');
});

t.test('a migrated database is exactly that, and a scratch schema leaves nothing behind', async (t) => {
  const { url } = await createTestDatabase(t);
  const client = await connect(t, url);
  const migrations = await readMigrations(project);
  const { rows: before } = await client.query('select nspname from pg_namespace order by 1');
  const [scratch] = await buildScratch(client, [migrations.flatMap(({ statements }) => statements)]);
  t.same(await readCatalog(client), scratch);
  const { rows: after } = await client.query('select nspname from pg_namespace order by 1');
  t.same(after, before);
});

t.test('the file knows the schema after each migration', async (t) => {
  const { url } = await createEmptyDatabase(t);
  const folder = `${t.testdir()}/migrations`;
  await writeMigrations(folder, [
    { name: '0000_first', sql: 'create table "public"."counter" (n int default 1);' },
    { name: '0001_second', sql: 'alter table counter add column m text; alter table counter alter n set default 2;' },
    { name: '0002_third', sql: '-- db:no-transaction\ncreate index concurrently counter_m on counter (m);' },
    { name: '0003_fourth', sql: 'alter table counter drop column m;' },
  ]);
  const client = await connect(t, url);
  const migrations = await readMigrations(projectAt(folder));
  const text = renderCatalogFile(await makeCatalogFile(client, project, migrations));
  const parsed = await readCatalogFile(t.testdir({ 'catalog.json': text }));
  if (!parsed) throw new Error('catalog.json can not be read');
  const at = (count: number) =>
    catalogAt(parsed, count).map(({ kind, name, facts }) => `${kind} ${name} ${String(facts['default'] ?? '')}`.trim());
  t.same(at(0), []);
  t.same(at(1), ['table counter', 'column n 1']);
  t.same(at(2), ['table counter', 'column n 2', 'column m']);
  t.same(at(3), ['table counter', 'column n 2', 'column m', 'index counter_m']);
  t.same(at(4), ['table counter', 'column n 2']);
});

t.test('a damaged file is as none', async (t) => {
  for (const text of [
    '',
    '{}',
    '{"formatVersion": 2}',
    '{"formatVersion":1,"model":"","migrations":[],"objects":[["zebra"]]}',
  ]) {
    t.equal(await readCatalogFile(t.testdir({ 'catalog.json': text })), undefined, text);
  }
});

t.test('tables that were there before stay untouched when a scratch schema is built', async (t) => {
  const { url } = await createEmptyDatabase(t);
  await migrate({ url, project });
  const client = await connect(t, url);
  await client.query('begin');
  await client.query('lock table avatars in access exclusive mode');
  const other = await connect(t, url);
  await other.query(`set statement_timeout = '5s'`);
  const migrations = await readMigrations(project);
  await t.resolves(
    buildScratch(
      other,
      migrations.map(({ statements }) => statements),
    ),
    'it waits for no lock on them',
  );
  await client.query('rollback');
});

async function connect(t: { teardown(end: () => Promise<void>): unknown }, url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  await client.connect();
  t.teardown(() => client.end());
  return client;
}

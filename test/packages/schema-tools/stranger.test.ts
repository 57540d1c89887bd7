import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { getTableName, is, Table } from 'drizzle-orm';
import * as schema from '../../../src/platform/db/schema.ts';
import { checkDatabase } from '@likeness/schema-tools/acts/check.ts';
import { migrate } from '@likeness/schema-tools/acts/migrate.ts';
import { readLedger } from '@likeness/schema-tools/history/ledger.ts';
import { project } from '../../../src/database.ts';
import { withConnection } from '../../../src/platform/db/connect.ts';
import { createEmptyDatabase } from '../../support/postgres.ts';
import { writeMigrations } from '../../../lab/ground/migration-files.ts';
import { t } from '../../support/tap.ts';

const sources = resolve(import.meta.dirname, '../../../packages/schema-tools/src');

t.test('no file of the package names a table, a command or a path of the service', async (t) => {
  const tables = Object.values(schema).flatMap((each) => (is(each, Table) ? [getTableName(each)] : []));
  t.ok(tables.length > 10, 'the model was read');
  // `events` and the like are words too; what is quoted or qualified is a name.
  const named = new RegExp(`likeness|pgboss|--from alembic|(['"\`.])(${tables.join('|')})\\b\\1?`, 'i');
  for (const path of await readdir(sources, { recursive: true })) {
    if (!path.endsWith('.ts')) continue;
    const lines = (await readFile(join(sources, path), 'utf8')).split('\n');
    t.same(
      lines.filter((line) => named.test(line) || /from '[^']*\/(src|lab|test)\//.test(line)),
      [],
      path,
    );
  }
});

t.test('another project has its own ledger, its own words and no earlier system', async (t) => {
  const { url } = await createEmptyDatabase(t);
  const folder = t.testdir();
  await writeMigrations(folder, [{ name: '0000_orders', sql: 'create table orders (id int primary key);' }]);
  const other = {
    ...project,
    title: 'Orders',
    program: 'orders db',
    folder,
    ledger: 'orders',
    adoption: { tables: [], command: 'adopt' },
  };
  t.same((await migrate({ url, project: other })).applied, ['0000_orders']);
  await withConnection(url, 'test', async (client) => {
    t.match(await readLedger(client, other), [{ act: 'migrate', target: '0000_orders' }]);
    t.same(await readLedger(client, project), [], 'and no other project’s');
    await client.query('drop table drizzle.__drizzle_migrations');
    const { state, other: found } = await checkDatabase(client, { project: other, against: 'migrations' });
    t.equal(state, 'broken', 'its ledger knows that the history was lost');
    t.match(found, [{ code: 'history_missing', fix: { advice: /`orders db reset --state`/ } }]);
  });
});

import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { t, type Test } from '../../support/tap.ts';
import { expectModel, expectOnServer, expectSchema } from '@likeness/schema-tools/catalog/expected.ts';
import { withConnection } from '../../../src/platform/db/connect.ts';
import { project, projectAt } from '../../../src/database.ts';
import { readMigrations } from '@likeness/schema-tools/history/folder.ts';
import { createTestDatabase, queryOnce } from '../../support/postgres.ts';

const migrations = await readMigrations(project);

/** The migrations without the catalogue that was committed with them. */
async function bareFolder(t: Test): Promise<string> {
  const folder = t.testdir();
  await cp(project.folder, folder, { recursive: true });
  await rm(join(folder, 'catalog.json'));
  return folder;
}

t.test('without the committed catalogue the server says what the migrations make, and the model too', async (t) => {
  const { url } = await createTestDatabase(t);
  const folder = await bareFolder(t);
  await withConnection(url, 'test', async (client) => {
    const committed = await expectSchema(client, project, migrations);
    const built = await expectSchema(client, projectAt(folder), migrations);
    t.same([committed.source, built.source], ['catalog.json', 'server']);
    t.same(built.after(migrations.length), committed.after(migrations.length));
    t.equal(await expectModel(client, project, migrations), 'same');
    const model = await expectModel(client, projectAt(folder), migrations);
    t.ok(Array.isArray(model) && model.length > 100, 'drizzle-kit and the server were asked');
  });
});

t.test('a server is asked once, and for other files anew', async (t) => {
  const { url } = await createTestDatabase(t);
  const files = migrations.map((migration) => ({ ...migration, hash: `${migration.hash} here` }));
  const asked = (count: number) =>
    withConnection(url, 'test', async (client) => (await expectOnServer(client, files.slice(0, count)))?.after(count));
  const first = await asked(files.length);
  t.ok(first);
  t.equal(await asked(files.length), first, 'the very same');
  t.notSame(await asked(1), first);
});

t.test('who may create nothing is told to commit the catalogue', async (t) => {
  const { url } = await createTestDatabase(t);
  const folder = await bareFolder(t);
  await queryOnce(url, `alter database ${new URL(url).pathname.slice(1)} set default_transaction_read_only = on`);
  await withConnection(url, 'test', async (client) => {
    t.equal(await expectOnServer(client, migrations), undefined);
    await t.rejects(expectSchema(client, projectAt(folder), migrations), {
      code: 'failed',
      message: /likeness db generate --catalog-only/,
    });
  });
});

t.test('a migration that can not run says why', async (t) => {
  const { url } = await createTestDatabase(t);
  const broken = {
    ...migrations[0],
    hash: 'broken',
    statements: ['create table a (b nonsense)'],
  } as (typeof migrations)[number];
  await withConnection(url, 'test', async (client) => {
    await t.rejects(expectOnServer(client, [broken]), { sqlState: '42704', message: /scratch schema.*nonsense/ });
  });
});

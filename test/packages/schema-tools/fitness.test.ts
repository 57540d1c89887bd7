import { randomUUID } from 'node:crypto';
import { databaseUrlWith } from '../../../src/platform/db/url.ts';
import { project } from '../../../src/database.ts';
import { migrate } from '@likeness/schema-tools/acts/migrate.ts';
import { askDatabase } from '@likeness/schema-tools/acts/status.ts';
import { runHere } from '../../support/in-process.ts';
import { createTestDatabase, queryOnce, testServer } from '../../support/postgres.ts';
import { t } from '../../support/tap.ts';

for (const encoding of ['LATIN1', 'SQL_ASCII']) {
  t.test(`a database in ${encoding} can not hold every text, and is neither migrated nor served`, async (t) => {
    const server = await testServer();
    const name = `likeness_test_${randomUUID().replaceAll('-', '')}`;
    await queryOnce(server, `create database ${name} encoding '${encoding}' locale 'C' template template0`);
    t.teardown(async () => void (await queryOnce(server, `drop database if exists ${name} with (force)`)));
    const url = databaseUrlWith(server, name);
    const refusal = { code: 'unfit', message: new RegExp(`\\(encoding\\): ${encoding}\\. .*encoding UTF8`) };
    await t.rejects(migrate({ url, project }), refusal);
    await t.rejects(askDatabase({ url, project }), refusal);
    t.match(await runHere(['db', 'migrate', '--url', url]), { code: 78 });
    t.strictSame(await queryOnce(url, `select 1 from pg_tables where schemaname = 'public'`), [], 'nothing was made');
  });
}

t.test('a database that takes no writes is not migrated, and may be tried again', async (t) => {
  const { url } = await createTestDatabase(t);
  await queryOnce(
    url,
    `do $$ begin execute format('alter database %I set default_transaction_read_only = on', current_database()); end $$`,
  );
  t.match(await runHere(['db', 'migrate', '--url', url]), { code: 1 });
});

t.test('a search_path that shadows leads other tools astray, and ours not', async (t) => {
  const { url } = await createTestDatabase(t);
  await queryOnce(
    url,
    `create schema elsewhere; create table elsewhere.users (id int);
     do $$ begin execute format('alter database %I set search_path = elsewhere, public', current_database()); end $$`,
  );
  t.equal((await runHere(['db', 'check', '--url', url])).code, 0);
  t.match(
    (await runHere(['db', 'doctor', '--url', url])).stdout,
    /search_path .* is elsewhere, public: other tools work in elsewhere/,
  );
  await t.resolves(migrate({ url, project }));
});

import { getRollbackPlans, PgBoss } from 'pg-boss';
import type pg from 'pg';
import { t } from '../../support/tap.ts';
import { readCatalog } from '@likeness/schema-tools/catalog/read.ts';
import { migrate } from '@likeness/schema-tools/acts/migrate.ts';
import { askDatabase } from '@likeness/schema-tools/acts/status.ts';
import { type Migration, readMigrations } from '@likeness/schema-tools/history/folder.ts';
import { queueMigration } from '../../../src/platform/db/queue-migration.ts';
import { queue } from '../../../src/platform/db/queue.ts';
import { queueVersionOf } from '@likeness/schema-tools/history/queue.ts';
import { withClient } from '../../support/client.ts';
import { kitMigrate } from '../../support/drizzle-kit.ts';
import { runHere } from '../../support/in-process.ts';
import { createEmptyDatabase, createTestDatabase, queryOnce } from '../../support/postgres.ts';
import { undoMigrations } from '../../support/undo-migrations.ts';
import { project } from '../../../src/database.ts';

const files = await readMigrations(project);
const raised = 'pg-boss was raised: run `npm run likeness -- db generate job_queue_VERSION --queue`';

t.test('the migrations make the version of the schema that the installed pg-boss needs', async (t) => {
  t.equal(queueVersionOf(files), queue.wanted, raised);
});

t.test('what the migrations make of the queue is what pg-boss makes itself', async (t) => {
  const [{ url: ours }, { url: theirs }] = [await createTestDatabase(t), await createEmptyDatabase(t)];
  const boss = new PgBoss({ connectionString: theirs, supervise: false, schedule: false });
  boss.on('error', (error) => t.error(error));
  await boss.start();
  await boss.stop();
  const made = await describe(ours);
  t.ok(made.length > 100, 'the schema is not empty');
  t.same(made, await describe(theirs), raised);
});

t.test(
  'every order of drizzle-kit and likeness leaves one history and one schema, and finds nothing more to do',
  async (t) => {
    const [{ url: kitFirst }, { url: oursFirst }] = [await createEmptyDatabase(t), await createEmptyDatabase(t)];
    await kitMigrate(kitFirst);
    t.match(
      await askDatabase({ url: kitFirst, project }),
      { status: { state: 'current', queue: queue.wanted }, drift: { length: 0 } },
      'drizzle-kit alone is enough',
    );
    t.match(await runHere(['db', 'check', '--url', kitFirst]), { code: 0 });
    t.same((await migrate({ url: kitFirst, project })).applied, []);
    await migrate({ url: oursFirst, project });
    await kitMigrate(oursFirst);
    const history = 'select id, hash, created_at from drizzle.__drizzle_migrations order by id';
    t.same(await queryOnce(oursFirst, history), await queryOnce(kitFirst, history));
    t.same(await describe(oursFirst), await describe(kitFirst));
  },
);

for (const [name, apply] of [
  ['likeness', (url: string) => migrate({ url, project })],
  ['drizzle-kit', kitMigrate],
] as const) {
  t.test(
    `a database whose queue pg-boss installed needs the ordinary migrate of ${name} and keeps its jobs`,
    async (t) => {
      const { url } = await createTestDatabase(t);
      await queryOnce(
        url,
        `select pgboss.create_queue('old', '{"policy": "standard", "retryLimit": 1, "retryDelay": 1, "retryBackoff": false, "expireInSeconds": 9, "retentionSeconds": 9, "deleteAfterSeconds": 9}')`,
      );
      await queryOnce(url, `insert into pgboss.job (name, data) values ('old', '{"word": "hello"}')`);
      const queueFile = files.find(({ queueVersion }) => queueVersion !== null);
      await forget(url, queueFile);
      await apply(url);
      t.match(await askDatabase({ url, project }), { status: { state: 'current' }, drift: { length: 0 } });
      t.same(await queryOnce(url, 'select name, data from pgboss.job'), [{ name: 'old', data: { word: 'hello' } }]);
    },
  );
}

t.test('a file for a later pg-boss raises the version before it, whole, and leaves others alone', async (t) => {
  const { url } = await createTestDatabase(t);
  const indexes = `select tablename, indexname, indexdef from pg_indexes where schemaname = 'pgboss' order by 1, 2`;
  const before = await queryOnce(url, indexes);
  const older = queue.wanted - 6;
  for (let version = queue.wanted; version > older; version -= 1) {
    await queryOnce(url, getRollbackPlans('pgboss', version));
  }
  t.notSame(await queryOnce(url, indexes), before, 'the older schema has other indexes');
  const text = queueMigration(older);
  t.notMatch(text, /concurrently|^\s*(begin|commit);/im, 'every migrator can run it in its transaction');
  await queryOnce(url, `begin; ${queueMigration(older - 1)}; ${text}; ${text}; commit`);
  t.same(await queryOnce(url, indexes), before);
  t.same(await queryOnce(url, 'select version from pgboss.version'), [{ version: queue.wanted }]);
});

t.test('a queue that is not there is never recorded as made', async (t) => {
  const { url } = await createTestDatabase(t);
  const file = files.findLast(({ queueVersion }) => queueVersion !== null);
  await queryOnce(url, 'drop schema pgboss cascade');
  t.match(await runHere(['db', 'check', '--url', url]), { code: 2, stdout: /job queue is not installed/ });
  const lost = { code: 3, stderr: new RegExp(`there is no schema pgboss: run ${file?.name}\\.sql with psql`) };
  t.match(await runHere(['db', 'migrate', '--url', url]), lost);
  await forget(url, file);
  t.match(await runHere(['db', 'stamp', file?.name ?? '', '--url', url]), { code: 5, stderr: /apply it with/ });
  t.match(await runHere(['db', 'reset', '--state', '--url', url]), { code: 0 });
  t.same((await migrate({ url, project })).applied[0], file?.name);
  t.match(await runHere(['db', 'check', '--url', url]), { code: 0 });
});

t.test('a queue that a newer pg-boss made is named as newer', async (t) => {
  const { url } = await createTestDatabase(t);
  await queryOnce(url, 'update pgboss.version set version = version + 1');
  t.match(await runHere(['db', 'check', '--url', url]), { code: 2, stdout: /queue_newer.*|newer than this code/s });
});

// The state before the file existed: no later file and no ledger entry.
async function forget(url: string, file: Migration | undefined): Promise<void> {
  await undoMigrations(url, file, files);
  await queryOnce(url, 'delete from drizzle.likeness_ledger');
}

// pg-boss makes a partition of its statistics for each day.
function describe(url: string): Promise<string[]> {
  return withClient(url, async (client: pg.Client) => {
    const catalog = await readCatalog(client, 'pgboss');
    return catalog.map((object) => JSON.stringify(object)).filter((line) => !/queue_stats_\d{8}/.test(line));
  });
}

import { getRollbackPlans, PgBoss } from 'pg-boss';
import { t } from '../support/tap.ts';
import { migrate } from '../../src/schema-tools/migrate.ts';
import { wantedQueueVersion } from '../../src/schema-tools/queue-version.ts';
import { createTestDatabase, queryOnce } from '../support/postgres.ts';
import { migrationsFolder } from '../support/test-template.ts';

const invalidIndexes = 'select indexrelid::regclass::text as name from pg_index where not indisvalid';
const indexes = `select tablename, indexname from pg_indexes where schemaname = 'pgboss' order by 1, 2`;

t.test('a schema that an older pg-boss made is upgraded, its indexes included', async (t) => {
  const { url } = await createTestDatabase(t);
  const boss = new PgBoss({ connectionString: url, migrate: false, supervise: false, schedule: false });
  // Looked at while the test lasts: afterwards its database goes, and with it connections that are about to be closed.
  const errors: Error[] = [];
  boss.on('error', (error) => errors.push(error));
  await boss.start();
  await boss.createQueue('partitioned', { partition: true });
  await boss.stop();
  const before = await queryOnce(url, indexes);
  const older = wantedQueueVersion - 6;
  for (let version = wantedQueueVersion; version > older; version -= 1) {
    await queryOnce(url, getRollbackPlans('pgboss', version));
  }
  t.notSame(await queryOnce(url, indexes), before, 'the older schema has other indexes');

  const { pgboss } = await migrate({ url, folder: migrationsFolder });
  t.same(pgboss, { action: 'upgraded', from: older, to: wantedQueueVersion });
  t.same(await queryOnce(url, indexes), before);
  t.same(await queryOnce(url, invalidIndexes), []);
  const again = new PgBoss({ connectionString: url, migrate: false, supervise: false, schedule: false });
  again.on('error', (error) => errors.push(error));
  await again.start();
  await again.createQueue('q');
  t.type(await again.send('q', { word: 'hello' }), 'string', 'it takes jobs');
  await again.stop();
  t.same(errors, []);
});

t.test('a schema that a newer pg-boss made is left alone', async (t) => {
  const { url } = await createTestDatabase(t);
  await queryOnce(url, 'update pgboss.version set version = version + 1');
  await t.rejects(migrate({ url, folder: migrationsFolder }), {
    code: 'history_broken',
    problems: [{ kind: 'pgboss_newer' }],
  });
});

t.test('an upgrade that fails is typed like any other failure', async (t) => {
  const { url, pool } = await createTestDatabase(t);
  await pool.query('update pgboss.version set version = 1');
  await t.rejects(migrate({ url, folder: migrationsFolder }), { code: 'failed', message: /pg-boss/ });
});

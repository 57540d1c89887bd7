import { createDatabase } from '../../../src/platform/db/client.ts';
import { project } from '../../../src/database.ts';
import { askDatabase } from '@likeness/schema-tools/acts/status.ts';
import { startApp } from '../../support/app.ts';
import { runHere } from '../../support/in-process.ts';
import { startPgbouncer, withoutPgbouncer } from '../../support/pgbouncer.ts';
import { createTestDatabase, queryOnce } from '../../support/postgres.ts';
import { t } from '../../support/tap.ts';

const skip = withoutPgbouncer;

const plain: Record<string, string> = {};
for (const settings of [plain, { ignore_startup_parameters: 'options,extra_float_digits' }]) {
  t.test(`a pooler in session mode ${JSON.stringify(settings)} serves as PostgreSQL does`, { skip }, async (t) => {
    const { url } = await createTestDatabase(t);
    await queryOnce(
      url,
      `do $$ begin execute format('alter database %I set timezone = %L', current_database(), 'Asia/Kathmandu'); end $$`,
    );
    const pooled = await startPgbouncer(t, url, { pool_mode: 'session', ...settings });
    await askDatabase({ url: pooled, project });
    const { pool, close } = createDatabase(pooled, { statementTimeoutMs: 50, max: 2 });
    t.teardown(close);
    await t.rejects(pool.query('select pg_sleep(20)'), { code: '57014' }, 'limits count');
    t.same((await pool.query('show timezone')).rows, [{ TimeZone: 'UTC' }]);
    const { makeUser, makeAvatar } = await startApp(t, { environment: { DATABASE_URL: pooled } });
    const avatar = await makeAvatar({ user_id: (await makeUser()).id });
    t.ok(Math.abs(Date.parse(avatar.created_at) - Date.now()) < 60_000, 'times are not moved');
    t.match((await runHere(['db', 'doctor', '--url', pooled])).stdout, /one connection is one session/);
  });
}

for (const mode of ['transaction', 'statement'] as const) {
  t.test(`a pooler in ${mode} mode is found before anything is done`, { skip }, async (t) => {
    const { url } = await createTestDatabase(t);
    const pooled = await startPgbouncer(t, url, { pool_mode: mode });
    await t.rejects(askDatabase({ url: pooled, project }), {
      code: 'unfit',
      message: /pool_mode to session/,
    });
    const doctor = await runHere(['db', 'doctor', '--url', pooled]);
    t.equal(doctor.code, 2);
    t.match(doctor.stdout, /pool_mode to session/);
    t.equal((await runHere(['db', 'migrate', '--url', pooled])).code, 78);
  });
}

t.test('options in the URL that a pooler refuses are named as the reason', { skip }, async (t) => {
  const { url } = await createTestDatabase(t);
  const pooled = await startPgbouncer(t, url, { pool_mode: 'session' });
  await t.rejects(askDatabase({ url: `${pooled}?options=-cwork_mem=8MB`, project }), {
    message: /unsupported startup parameter: options\. .*take `options` out of DATABASE_URL/,
  });
});

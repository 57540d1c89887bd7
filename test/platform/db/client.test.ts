import { eq, sql } from 'drizzle-orm';
import { t } from '../../support/tap.ts';
import { createDatabase, type Db } from '../../../src/platform/db/client.ts';
import { avatars, users } from '../../../src/platform/db/schema.ts';
import { createTestDatabase, queryOnce } from '../../support/postgres.ts';
import { avatarRow, insertRow, userRow } from '../../../lab/ground/rows.ts';
import { until } from '../../support/until.ts';

t.test('times are the same instant on both sides, with and without time zone', async (t) => {
  const { url, pool, db } = await createTestDatabase(t);
  // The server's own zone must not matter; a new connection reads it.
  await pool.query(
    `do $$ begin execute format('alter database %I set timezone = %L', current_database(), 'Asia/Kathmandu'); end $$`,
  );
  const { db: later, pool: laterPool, close } = createDatabase(url);
  t.teardown(close);
  t.same((await laterPool.query('show timezone')).rows, [{ TimeZone: 'UTC' }]);

  const user = userRow();
  const avatar = avatarRow(user['id']);
  await insertRow(pool, 'users', user);
  await insertRow(pool, 'avatars', avatar);
  const at = new Date('2026-07-01T12:34:56.789Z');
  const own = eq(avatars.id, String(avatar['id']));
  await later.update(avatars).set({ last_status_check: at, training_started_at: at }).where(own);
  const [read] = await db.select().from(avatars).where(own);
  t.same([read?.last_status_check, read?.training_started_at], [at, at]);
  t.same(await queryOnce(url, 'select last_status_check::text as utc from avatars'), [
    { utc: '2026-07-01 12:34:56.789' },
  ]);

  await later.update(avatars).set({ last_status_check: sql`now()`, training_started_at: sql`now()` }).where(own);
  const [now] = await db.select().from(avatars).where(own);
  t.same(now?.last_status_check, now?.training_started_at, 'now() is UTC in a column without time zone');
});

t.test('counts are numbers, and what a number can not hold stays text', async (t) => {
  const { pool, db } = await createTestDatabase(t);
  t.same((await pool.query('select count(*) from users')).rows, [{ count: 0 }]);
  t.same(await db.select({ n: sql<number>`count(*)` }).from(users), [{ n: 0 }]);
  t.same((await pool.query('select 9007199254740993 as big')).rows, [{ big: '9007199254740993' }]);
});

t.test('a store function takes the database or a transaction', async (t) => {
  const { db } = await createTestDatabase(t);
  const count = (any: Db) => any.$count(users);
  const insert = (any: Db) =>
    any.insert(users).values({
      id: '01890000-0000-7000-8000-000000000000',
      first_name: 'Ada',
      language_code: 'en',
      is_premium: false,
      is_bot: false,
      is_blocked: false,
    });
  await t.rejects(
    db.transaction(async (tx) => {
      await insert(tx);
      t.equal(await count(tx), 1);
      throw new Error('taken back');
    }),
    /taken back/,
  );
  t.equal(await count(db), 0);
});

t.test('broken connections are logged and replaced', async (t) => {
  const { url } = await createTestDatabase(t);
  const logged: unknown[] = [];
  const { pool, close } = createDatabase(url, {
    max: 2,
    applicationName: 'breakable',
    log: { error: (...args: unknown[]) => void logged.push(args) },
  });
  t.teardown(close);
  const inUse = await pool.connect();
  const idle = await pool.connect();
  idle.release();
  await queryOnce(url, `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'breakable'`);
  await until('both breaks are noticed', () => logged.length >= 2 && pool.idleCount === 0);
  await t.rejects(inUse.query('select 1'));
  inUse.release(true);
  t.same((await pool.query('select 1 as one')).rows, [{ one: 1 }]);
});

t.test('a transaction that can not begin gives its connection back', async (t) => {
  const { url } = await createTestDatabase(t);
  const { pool, db, close } = createDatabase(url, { max: 1, connectionTimeoutMs: 2000 });
  t.teardown(close);
  // The one connection ends between being taken and BEGIN.
  pool.once('acquire', (client) => void client.end());
  await t.rejects(db.transaction(async () => t.fail('it can not begin')));
  t.same((await pool.query('select 1 as one')).rows, [{ one: 1 }]);
});

t.test('limits are those asked for', async (t) => {
  const { url } = await createTestDatabase(t);
  const { pool, close } = createDatabase(url, {
    statementTimeoutMs: 50,
    lockTimeoutMs: 40,
    idleInTransactionTimeoutMs: 30,
    applicationName: 'limited',
  });
  t.teardown(close);
  const { rows } = await pool.query(
    `select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock,
       current_setting('idle_in_transaction_session_timeout') as idle, current_setting('application_name') as name`,
  );
  t.same(rows, [{ statement: '50ms', lock: '40ms', idle: '30ms', name: 'limited' }]);
  await t.rejects(pool.query('select pg_sleep(5)'), { code: '57014' });
  await Promise.all([close(), close()]);
});

t.test('options of the URL are kept', async (t) => {
  const { url } = await createTestDatabase(t);
  const { pool, close } = createDatabase(`${url}?options=${encodeURIComponent('-c work_mem=8MB')}`);
  t.teardown(close);
  t.same((await pool.query('show work_mem')).rows, [{ work_mem: '8MB' }]);
  t.same((await pool.query('show timezone')).rows, [{ TimeZone: 'UTC' }]);
});

import pg from 'pg';
import { t, type Test } from '../support/tap.ts';
import { startApp } from '../support/app.ts';
import { until } from '../support/until.ts';

const service = await startApp(t, { environment: { DATABASE_TIMEOUT_SECONDS: '1' } });
const { call, database } = service;

/** Holds a lock that every statement about avatars waits for, until it is released or the scope ends. */
async function lockAvatars(t: Test): Promise<{ release: () => Promise<void> }> {
  const client = new pg.Client(database.url);
  await client.connect();
  let isHeld = true;
  const release = async () => {
    if (isHeld) await client.end();
    isHeld = false;
  };
  t.teardown(release);
  await client.query('begin');
  await client.query('lock table avatars in access exclusive mode');
  return { release };
}

/** Ends the connections whose statements wait for a lock, as a restart of PostgreSQL would. */
async function breakWaiting(): Promise<number> {
  const { rowCount } = await database.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name = 'likeness' and wait_event_type = 'Lock'`,
  );
  return rowCount ?? 0;
}

t.test('a database that is slow is answered 503 with the time to come again, and nothing is written', async (t) => {
  const { id, user_id } = await service.makeAvatar();
  const count = async () => (await call('GET', `/v1/avatars?user_id=${user_id}`)).body.data.length;
  const lock = await lockAvatars(t);
  const json = { name: 'Grace', gender: 'female', training_type: 'style', user_id };
  const answers = await Promise.all([
    call('GET', `/v1/avatars/${id}`),
    call('POST', '/v1/avatars', { json }),
    call('DELETE', `/v1/avatars/${id}`),
  ]);
  for (const { status, body, headers } of answers) {
    t.match({ status, body }, { status: 503, body: { code: 'database-unavailable' } });
    t.ok(Number(headers.get('retry-after')) > 0);
  }
  await lock.release();
  t.match(await call('GET', `/v1/avatars/${id}`), { status: 200 }, 'all goes on by itself');
  t.equal(await count(), 1, 'neither made nor deleted');
});

t.test('a connection that breaks under a request is answered 503, and the next request has another', async (t) => {
  const { id } = await service.makeAvatar();
  const lock = await lockAvatars(t);
  const answer = call('PATCH', `/v1/avatars/${id}`, {
    json: { name: 'Grace' },
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  await until('the statement to wait and be cut off', async () => (await breakWaiting()) > 0);
  t.match(await answer, { status: 503, body: { code: 'database-unavailable' } });
  await lock.release();
  t.match(await call('GET', `/v1/avatars/${id}`), { status: 200, body: { name: 'Ada' } });
});

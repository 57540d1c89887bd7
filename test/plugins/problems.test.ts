import { t } from '../support/tap.ts';
import { startApp } from '../support/app.ts';

const service = await startApp(t);
const { app, call, database } = service;

// Each statement that makes a user fails with the code that the user's name gives.
await database.pool.query(`
  create function fail_as_named() returns trigger language plpgsql as $$
  begin raise exception 'as the test asks' using errcode = new.first_name; end $$;
  create trigger fail_as_named before insert on users for each row when (new.first_name ~ '^[0-9A-Z]{5}$')
    execute function fail_as_named()`);
t.teardown(() => database.pool.query('drop function fail_as_named cascade'));

const makeUser = (first_name: string) =>
  call('POST', '/v1/users', { json: { external_id: crypto.randomUUID(), first_name } });

t.test('whatever says that the database can not do it now is answered 503 with a time to come again', async (t) => {
  const states =
    '08006 08P01 25006 28P01 3D000 40001 40P01 53100 53200 53300 55P03 57014 57P01 57P02 57P03 57P04 57P05 58030';
  for (const state of states.split(' ')) {
    const { status, body, headers } = await makeUser(state);
    t.match({ status, body }, { status: 503, body: { code: 'database-unavailable' } }, state);
    t.ok(Number(headers.get('retry-after')) > 0, `${state} says when`);
    t.notMatch(body.detail, /as the test asks|insert/, `${state} shows no statement`);
  }
  t.match(await makeUser('40001'), { body: { detail: /^Others were at the same data/ } });
  t.match(await makeUser('53100'), { body: { detail: /^The database did not do its part/ } });
  t.match(await makeUser('XX000'), { status: 500, body: { code: 'internal-error' } }, 'what is no outage is none');
});

t.test('so is whatever the way to the database says', async (t) => {
  const { pool } = app;
  t.teardown(() => Reflect.deleteProperty(pool, 'connect'));
  const codes = 'ENOTFOUND EAI_AGAIN ETIMEDOUT EHOSTUNREACH ENETUNREACH EPIPE ECONNRESET ECONNREFUSED';
  for (const code of codes.split(' ')) {
    const error = Object.assign(new Error('as the test asks'), { code });
    pool.connect = ((back?: (error: Error) => void) => (back ? back(error) : Promise.reject(error))) as never;
    t.match(await makeUser('Ada'), { status: 503, body: { code: 'database-unavailable' } }, code);
  }
});

import { sql } from 'drizzle-orm';
import { t } from '../../support/tap.ts';
import { v7 as uuidv7 } from 'uuid';
import { avatars, events } from '../../../src/platform/db/schema.ts';
import { startApp } from '../../support/app.ts';
import { until } from '../../support/until.ts';

const { call, makeUser, app } = await startApp(t, { environment: { MAX_AVATARS_PER_USER: '5' } });
const bodyFor = (user_id: string) => ({ user_id, name: 'Ada', gender: 'female', training_type: 'portrait' });
const make = (user_id: string) => call('POST', '/v1/avatars', { json: bodyFor(user_id) });
const counts = async () => [await app.db.$count(avatars), await app.db.$count(events)];

t.test('an avatar and its event come together, or neither does', async (t) => {
  const { id } = await makeUser();
  const before = await counts();
  await app.pool.query(`alter table events add constraint no_avatars check (type <> 'avatar.created') not valid`);
  t.equal((await make(id)).status, 500);
  t.same(await counts(), before);
  await app.pool.query('alter table events drop constraint no_avatars');
  t.equal((await make(id)).status, 201);
  t.same(
    await counts(),
    before.map((count) => count + 1),
  );
});

t.test('nobody who is unknown or deleted gets an avatar', async (t) => {
  const deleted = await makeUser();
  await app.pool.query('update users set external_id = null, telegram_id = null where id = $1', [deleted.id]);
  const before = await counts();
  for (const id of [uuidv7(), deleted.id]) t.equal((await make(id)).status, 404);
  t.same(await counts(), before);
});

t.test('a new avatar waits for its owner, and is not made when the owner is deleted meanwhile', async (t) => {
  const { id } = await makeUser();
  let waiting: ReturnType<typeof make> | undefined;
  await app.db.transaction(async (tx) => {
    await tx.execute(sql`update users set external_id = null, telegram_id = null where id = ${id}`);
    waiting = make(id);
    await until('the new avatar waits for its owner', async () => {
      const { rows } = await app.pool.query('select 1 from pg_locks where not granted');
      return rows.length > 0;
    });
  });
  t.equal((await waiting)?.status, 404);
});

t.test('of those who come at the same time as many get an avatar as one may have', async (t) => {
  const { id } = await makeUser();
  const answers = await Promise.all(Array.from({ length: 12 }, () => make(id)));
  const statuses = answers.map(({ status }) => status);
  t.same(
    statuses.toSorted((a, b) => a - b),
    [...Array(5).fill(201), ...Array(7).fill(409)],
  );
  t.match(answers.find(({ status }) => status === 409)?.body, { code: 'quota-exceeded', maximum: 5 });
  const { rows } = await app.db.execute(sql`select type from events where type = 'avatar.created' and user_id = ${id}`);
  t.equal(rows.length, 5);
});

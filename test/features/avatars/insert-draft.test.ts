import { sql } from 'drizzle-orm';
import { t } from '../../support/tap.ts';
import { v7 as uuidv7 } from 'uuid';
import { insertDraft } from '../../../src/features/avatars/insert-draft.ts';
import type { Avatar } from '../../../src/features/avatars/store.ts';
import { avatars, events } from '../../../src/platform/db/schema.ts';
import { eventRow } from '../../../src/features/events/publish.ts';
import { createTestDatabase } from '../../support/postgres.ts';
import { avatarRow, insertRow, userRow } from '../../support/rows.ts';
import { startApp } from '../../support/app.ts';
import { until } from '../../support/until.ts';

const { db, pool } = await createTestDatabase(t);
const many = { maximum: 100 };

async function makeUser(changes = {}): Promise<string> {
  const user = userRow({ external_id: uuidv7(), ...changes });
  await insertRow(pool, 'users', user);
  return String(user['id']);
}

/** An avatar of which nothing is left to a column's default, with the event that tells of it. */
function draftOf(user_id: string) {
  const none = Object.fromEntries(Object.keys(avatars).map((name) => [name, null]));
  const now = new Date();
  const avatar = { ...none, ...avatarRow(user_id), created_at: now, updated_at: now } as unknown as Avatar;
  const data = { status: avatar.status, training_type: avatar.training_type };
  return { avatar, event: eventRow({ type: 'avatar.created', user_id, avatar_id: avatar.id, data }) };
}

const counts = async () => [await db.$count(avatars), await db.$count(events)];

t.test('an avatar and its event come together, or neither does', async (t) => {
  const user = await makeUser();
  const before = await pool.query('select * from users where id = $1', [user]);
  const { avatar, event } = draftOf(user);
  t.equal(await insertDraft(db, avatar, event, many), true);
  t.same(await counts(), [1, 1]);
  t.match((await db.select().from(avatars))[0], { ...avatar, avatar_data: {} });
  t.match((await db.select().from(events))[0], event);
  const refused: [string, string, Parameters<typeof insertDraft>[3]][] = [
    ['nobody', uuidv7(), many],
    ['a deleted user', await makeUser({ external_id: null }), many],
    ['a user out of reach', user, { ...many, userId: uuidv7() }],
    ['a user who has as many as one may have', user, { maximum: 1 }],
  ];
  for (const [what, owner, bounds] of refused) {
    const draft = draftOf(owner);
    t.equal(await insertDraft(db, draft.avatar, draft.event, bounds), false, what);
  }
  t.same(await counts(), [1, 1]);
  t.equal(await insertDraft(db, draftOf(user).avatar, draftOf(user).event, { ...many, userId: user }), true);
  const after = await pool.query('select * from users where id = $1', [user]);
  t.same(after.rows, before.rows, 'the owner is as before');
});

t.test('one who could not see what came meanwhile adds nothing', async (t) => {
  const user = await makeUser();
  const [first, second] = [draftOf(user), draftOf(user)];
  let later: Promise<boolean> | undefined;
  await db.transaction(async (tx) => {
    t.equal(await insertDraft(tx, first.avatar, first.event, { maximum: 2 }), true);
    later = insertDraft(db, second.avatar, second.event, { maximum: 2 });
    await until('the second waits for the first', async () => {
      const { rows } = await pool.query('select 1 from pg_locks where not granted');
      return rows.length > 0;
    });
  });
  t.equal(await later, false, 'though there was room');
  t.equal(await insertDraft(db, second.avatar, second.event, { maximum: 2 }), true, 'asked again it sees the first');
});

t.test('of those who come at the same time as many get an avatar as one may have', async (t) => {
  const { call, makeUser: make, app } = await startApp(t, { environment: { MAX_AVATARS_PER_USER: '5' } });
  const { id: user_id } = await make();
  const json = { user_id, name: 'Ada', gender: 'female', training_type: 'portrait' };
  const answers = await Promise.all(Array.from({ length: 12 }, () => call('POST', '/v1/avatars', { json })));
  const statuses = answers.map(({ status }) => status);
  t.same(
    statuses.toSorted((a, b) => a - b),
    [...Array(5).fill(201), ...Array(7).fill(409)],
  );
  t.match(answers.find(({ status }) => status === 409)?.body, { code: 'quota-exceeded', maximum: 5 });
  const { rows } = await app.db.execute(sql`select type from events where type = 'avatar.created'`);
  t.equal(rows.length, 5);
});

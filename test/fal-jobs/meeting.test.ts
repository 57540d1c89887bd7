import { eq } from 'drizzle-orm';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { dispatchTrainings } from '../../src/features/trainings/machine.ts';
import { deleteUser } from '../../src/features/erasure/delete-user.ts';
import { startTraining } from '../../src/features/trainings/start.ts';
import { patchUser, upsertUser } from '../../src/features/users/save-user.ts';
import { avatarPhotos, avatars } from '../../src/platform/db/schema.ts';
import { arrangeAvatar } from '../support/arrange.ts';
import { startService } from '../support/service.ts';
import { t } from '../support/tap.ts';
import { until } from '../support/until.ts';

// No worker runs: the test begins each transaction.
const service = await startService(t, { role: 'api' });
const { app, database } = service;

async function holding(table: string, id: string): Promise<pg.PoolClient> {
  const client = await database.pool.connect();
  await client.query('begin');
  await client.query(`select from ${table} where id = $1 for update`, [id]);
  return client;
}

async function letGo(client: pg.PoolClient): Promise<void> {
  await client.query('rollback');
  client.release();
}

async function waiting(count: number): Promise<void> {
  await until(`${count} who wait for a lock`, async () => {
    const { rows } = await database.pool.query(
      `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
    );
    return rows.length === count;
  });
}

/** A second avatar of the same user, made later, with photos of its own. */
async function secondAvatar(userId: string): Promise<string> {
  const { avatarId } = await arrangeAvatar(app);
  await app.db.update(avatars).set({ user_id: userId }).where(eq(avatars.id, avatarId));
  await app.db.update(avatarPhotos).set({ user_id: userId }).where(eq(avatarPhotos.avatar_id, avatarId));
  return avatarId;
}

t.test('letting trainings in and deleting their user take turns, whatever order the trainings are in', async (t) => {
  const { userId, avatarId: older } = await arrangeAvatar(app);
  const newer = await secondAvatar(userId);
  t.ok(older < newer);
  // The first whose turn it is has the avatar whose lock comes last.
  for (const avatarId of [newer, older]) await startTraining(app, avatarId, {});
  const holder = await holding('avatars', older);
  const deleted = deleteUser(app, userId).catch((error: unknown) => error);
  await waiting(1);
  const moved = dispatchTrainings(app).catch((error: unknown) => error);
  await waiting(2);
  await letGo(holder);
  t.match(await deleted, { code: 'training-running' }, 'what it says is why, and no deadlock');
  t.equal(await moved, 2);
});

t.test('an avatar that is made while its user is being deleted holds up neither', async (t) => {
  const { userId } = await arrangeAvatar(app);
  const other = await arrangeAvatar(app);
  const maker = await holding('users', userId);
  const deleted = deleteUser(app, userId).catch((error: unknown) => error);
  await waiting(1);
  await maker.query('update avatars set user_id = $1 where id = $2', [userId, other.avatarId]);
  // Who works on it locks the avatar, and then the user, as who starts a training does.
  const worker = await database.pool.connect();
  await worker.query('begin');
  const locked = worker
    .query('select from avatars where id = $1 for update', [other.avatarId])
    .then(() => worker.query('select from users where id = $1 for no key update', [userId]))
    .catch((error: unknown) => error);
  await waiting(2);
  await maker.query('commit');
  maker.release();
  t.match(await locked, { rowCount: 1 }, 'who works on it is let through');
  await letGo(worker);
  t.equal(await deleted, undefined);
  const left = await app.db.select({ id: avatars.id }).from(avatars).where(eq(avatars.id, other.avatarId));
  t.same(left, [], 'it went too');
});

t.test('two users who are each given what the other has are refused, and no deadlock ends them', async (t) => {
  for (const name of ['external_id', 'telegram_id'] as const) {
    const given = () => (name === 'external_id' ? uuidv7() : String(Math.floor(Math.random() * 1e9) + 1));
    const [one, two] = [given(), given()];
    const first = (await upsertUser(app, { [name]: one })).user;
    const second = (await upsertUser(app, { [name]: two })).user;
    const holder = await holding('users', first.id);
    const patches = [
      patchUser(app, second.id, { [name]: one }).catch((error: unknown) => error),
      patchUser(app, first.id, { [name]: two }).catch((error: unknown) => error),
    ];
    await waiting(2);
    await letGo(holder);
    t.match(await Promise.all(patches), [{ code: 'user-exists' }, { code: 'user-exists' }], name);
  }
});

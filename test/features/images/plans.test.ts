import { sql } from 'drizzle-orm';
import { explain } from '../../../lab/bench/hot-queries.ts';
import { avatarRow, generationRow, insertRow, userRow } from '../../../lab/ground/rows.ts';
import { type ImageFilter, listNewestImages } from '../../../src/features/images/store.ts';
import { refuseBeyondImages } from '../../../src/features/images/quota.ts';
import type { Db } from '../../../src/platform/db/client.ts';
import { startApp } from '../../support/app.ts';
import { t } from '../../support/tap.ts';

const { app } = await startApp(t);

/** A user with one generation of four images, beside many images of another. */
async function fill(images: number): Promise<{ userId: string; avatarId: string; generationId: string }> {
  const [user, other] = [userRow({ external_id: 'ada' }), userRow({ external_id: 'others' })];
  const [avatar, another] = [avatarRow(user['id']), avatarRow(other['id'])];
  const generation = generationRow(user['id'], avatar['id']);
  for (const row of [user, other]) await insertRow(app.pool, 'users', row);
  for (const row of [avatar, another]) await insertRow(app.pool, 'avatars', row);
  await insertRow(app.pool, 'generations', generation);
  const [userId, avatarId, generationId] = [user['id'], avatar['id'], generation['id']].map(String);
  const client = await app.pool.connect();
  try {
    // Without their generations, which would be most of the time.
    await client.query('set session_replication_role = replica; set statement_timeout = 0');
    await client.query(
      `insert into generation_images (id, generation_id, user_id, avatar_id, index, status, size, sha256, storage_key,
         favorite, created_at)
       select gen_random_uuid(), gen_random_uuid(), $1, $2, 0, 'ok', 1, repeat('0', 64), 'key', number % 20 = 0,
         now() - number * interval '1 minute'
       from generate_series(1, $3) as number`,
      [other['id'], another['id'], images],
    );
  } finally {
    client.release(true);
  }
  await app.db.execute(sql`
    insert into generation_images (id, generation_id, user_id, avatar_id, index, status, size, sha256, storage_key, favorite)
    select gen_random_uuid(), ${generationId}, ${userId}, ${avatarId}, index, 'ok', 1, repeat('0', 64), 'key', index = 0
    from generate_series(0, 3) as index
  `);
  await app.db.execute(sql`analyze generation_images`);
  return { userId: userId ?? '', avatarId: avatarId ?? '', generationId: generationId ?? '' };
}

t.test('each list of images is read from an index, first page and later ones', async (t) => {
  const { userId, avatarId, generationId } = await fill(20_000);
  const client = await app.pool.connect();
  t.teardown(() => client.release());
  const ok = { status: 'ok' } as const;
  const filters: Record<string, ImageFilter> = {
    all: ok,
    flagged: { status: 'flagged' },
    'of a user': { ...ok, userId },
    'of an avatar': { ...ok, avatarId },
    'of a generation': { ...ok, generationId },
    'of a user and a generation': { ...ok, userId, generationId },
    favourites: { ...ok, favorite: true },
    'favourites of a user': { ...ok, userId, favorite: true },
    'favourites of an avatar': { ...ok, userId, avatarId, favorite: true },
    'no favourites of a user': { ...ok, userId, favorite: false },
  };
  for (const [name, filter] of Object.entries(filters)) {
    for (const after of [null, { createdAt: '2026-06-01 00:00:00Z', id: generationId }]) {
      const run = (db: Db) => listNewestImages(db, filter, { after, limit: 21 });
      const plan = await explain(client, { name, run, uses: [] });
      t.match(plan, /Index (Only )?Scan|Bitmap Index Scan/, name);
      t.notMatch(plan, /Seq Scan/, name);
    }
  }
  const run = (db: Db) => refuseBeyondImages(db, app.config, userId, 4);
  const plan = await explain(client, { name: 'quota', run, uses: [] });
  t.notMatch(plan, /Seq Scan/, 'quota');
});

t.test('a user may have so many images, and so many bytes of them', async (t) => {
  const [user] = [userRow({ external_id: 'bob' })];
  const avatar = avatarRow(user['id']);
  const generation = generationRow(user['id'], avatar['id']);
  await insertRow(app.pool, 'users', user);
  await insertRow(app.pool, 'avatars', avatar);
  await insertRow(app.pool, 'generations', generation);
  const [userId, avatarId, generationId] = [user['id'], avatar['id'], generation['id']].map(String);
  await app.db.execute(sql`
    insert into generation_images (id, generation_id, user_id, avatar_id, index, status, size, sha256, storage_key, favorite)
    select gen_random_uuid(), ${generationId}, ${userId}, ${avatarId}, index, status, size, sha256, key, false
    from (values (0, 'ok', 60, repeat('0', 64), 'key'), (1, 'ok', 40, repeat('0', 64), 'key'), (2, 'flagged', null, null, null))
      as made (index, status, size, sha256, key)
  `);
  const limited = (imagesPerUser: number, imageBytesPerUser: number) => ({
    limits: { ...app.config.limits, imagesPerUser, imageBytesPerUser },
  });
  const asks = (images: number, bytes: number, more: number) =>
    refuseBeyondImages(app.db, limited(images, bytes), userId ?? '', more);
  await asks(6, 101, 4);
  await t.rejects(asks(5, 101, 4), { code: 'quota-exceeded', message: /2 images, and 5/, extensions: { maximum: 5 } });
  await t.rejects(asks(6, 100, 4), { code: 'quota-exceeded', message: /100 bytes/, extensions: { maximum: 100 } });
});

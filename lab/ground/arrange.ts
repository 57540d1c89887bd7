import { createHash } from 'node:crypto';
import type pg from 'pg';
import sharp from 'sharp';
import type { Artifact } from '../../src/platform/db/schema.ts';
import { createStorage } from '../../src/platform/storage/flydrive-storage.ts';
import type { Storage } from '../../src/platform/storage/storage.ts';
import { smallLora } from './lora.ts';
import { inParallel } from './parallel.ts';
import { avatarRow, photoRow, type Row, trainingRow, userRow } from './rows.ts';

const photosEach = 4;
const side = 128;
const storedAtOnce = 8;
const contentType = 'application/octet-stream';
const endedAt = '2026-01-02T03:04:05Z';
const chunk = 500;

export type Photo = { key: string; sha256: string; size: number };

/** Stores a few small photos, which all avatars share. */
export async function arrangePhotos(storageUrl: string): Promise<Photo[]> {
  const storage = await createStorage(storageUrl);
  return Promise.all(
    Array.from({ length: photosEach }, async (_, index) => {
      const background = { r: index * 60, g: 255 - index * 60, b: 90 };
      const bytes = await sharp({ create: { width: side, height: side, channels: 3, background } })
        .jpeg()
        .toBuffer();
      const key = `photos/arranged-${index}.jpg`;
      await storage.putBytes(key, bytes, 'image/jpeg');
      return { key, sha256: createHash('sha256').update(bytes).digest('hex'), size: bytes.length };
    }),
  );
}

/** Inserts avatars that are ready for a style training, each with a user. @returns their ids, oldest first */
export async function arrangeAvatars(pool: pg.Pool, photos: readonly Photo[], count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let done = 0; done < count; done += chunk) {
    const users = Array.from({ length: Math.min(chunk, count - done) }, () => userRow());
    const avatars = users.map(({ id }) =>
      avatarRow(id, { status: 'ready', is_draft: false, training_type: 'style', photos_count: photosEach }),
    );
    await insertRows(pool, 'users', users);
    await insertRows(pool, 'avatars', avatars);
    await insertRows(
      pool,
      'avatar_photos',
      avatars.flatMap((avatar) => photosOf(avatar, photos)),
    );
    ids.push(...avatars.map(({ id }) => String(id)));
  }
  return ids;
}

/**
 * Gives each avatar a training that was adopted as succeeded, with weights of its own in the store, so that images can be
 * made of it.
 */
export async function arrangeTrained(pool: pg.Pool, storageUrl: string, avatarIds: readonly string[]): Promise<void> {
  const storage = await createStorage(storageUrl);
  const { rows } = await pool.query<{ id: string; user_id: string }>(
    'select id, user_id from avatars where id = any($1)',
    [avatarIds],
  );
  const trained = await inParallel(rows, storedAtOnce, async ({ id, user_id }) => {
    const lora = await storeLora(storage, id);
    const ended = { status: 'succeeded', charged: 'unknown', artifacts: { lora, config: lora } };
    const settings = { trigger_phrase: 'ohwx' };
    return trainingRow(user_id, id, { ...ended, settings, adopted_at: endedAt, ended_at: endedAt });
  });
  await insertRows(pool, 'trainings', trained);
}

async function storeLora(storage: Storage, avatarId: string): Promise<Artifact> {
  const bytes = smallLora(Number.parseInt(avatarId.slice(-8), 16));
  const storage_key = `artifacts/arranged/${avatarId}.safetensors`;
  await storage.putBytes(storage_key, bytes, contentType);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const url = `https://v3.fal.media/files/arranged/${avatarId}.safetensors`;
  return { url, storage_key, size: bytes.length, sha256, content_type: contentType };
}

function photosOf({ id, user_id }: Row, photos: readonly Photo[]): Row[] {
  return photos.map(({ key, sha256, size }, index) =>
    photoRow(user_id, id, {
      minio_key: key,
      file_hash: sha256,
      upload_order: index + 1,
      file_size: size,
      width: side,
      height: side,
      format: 'jpg',
      photo_metadata: { stored_sha256: sha256 },
    }),
  );
}

async function insertRows(pool: pg.Pool, table: string, rows: readonly Row[]): Promise<void> {
  const text = `insert into ${table} select * from jsonb_populate_recordset(null::${table}, $1)`;
  await pool.query(text, [JSON.stringify(rows)]);
}

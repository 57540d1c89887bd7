import { createHash } from 'node:crypto';
import type pg from 'pg';
import sharp from 'sharp';
import { createStorage } from '../../src/platform/storage/flydrive-storage.ts';
import { avatarRow, photoRow, type Row, userRow } from './rows.ts';

const photosEach = 4;
const side = 128;
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

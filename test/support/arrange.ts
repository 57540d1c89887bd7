import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { eq } from 'drizzle-orm';
import sharp from 'sharp';
import { v7 as uuidv7 } from 'uuid';
import { generationRow, insertRow } from '../../lab/ground/rows.ts';
import { fetchImages } from '../../src/features/images/fetch.ts';
import { type Image, imagesOf, insertImages } from '../../src/features/images/store.ts';
import { avatarPhotos, avatars, type TrainingType, users } from '../../src/platform/db/schema.ts';
import type { App } from './service.ts';

type Arranged = { userId: string; avatarId: string; photoIds: string[] };

/** Inserts a user with a ready avatar, photos and objects, without the API. */
export async function arrangeAvatar(
  { db, storage }: Pick<App, 'db' | 'storage'>,
  { photos = 10, trainingType = 'portrait' }: { photos?: number; trainingType?: TrainingType } = {},
): Promise<Arranged> {
  const now = new Date();
  const [userId, avatarId] = [uuidv7(), uuidv7()];
  await db.insert(users).values({
    id: userId,
    external_id: userId,
    first_name: 'Ada',
    language_code: 'en',
    is_premium: false,
    is_bot: false,
    is_blocked: false,
  });
  await db.insert(avatars).values({
    id: avatarId,
    user_id: userId,
    name: 'Ada',
    gender: 'female',
    status: 'ready',
    is_draft: false,
    photos_count: photos,
    training_type: trainingType,
    created_at: now,
    updated_at: now,
  });
  const photoIds: string[] = [];
  for (let index = 0; index < photos; index += 1) {
    const id = uuidv7();
    const bytes = await picture(index);
    const key = `photos/${avatarId}/${id}.jpg`;
    await storage.putBytes(key, bytes, 'image/jpeg');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await db.insert(avatarPhotos).values({
      id,
      avatar_id: avatarId,
      user_id: userId,
      minio_key: key,
      file_hash: sha256,
      upload_order: index + 1,
      validation_status: 'valid',
      file_size: bytes.length,
      width: 600,
      height: 600,
      format: 'jpg',
      photo_metadata: { stored_sha256: sha256 },
    });
    photoIds.push(id);
  }
  return { userId, avatarId, photoIds };
}

/** Inserts a generation with images, made and kept as those of fal are. @param pictures as fal serves them; null: flagged */
export async function arrangeImages(
  app: Pick<App, 'db' | 'pool' | 'storage' | 'config'>,
  { userId, avatarId }: Pick<Arranged, 'userId' | 'avatarId'>,
  { pictures = [], ended = new Date() }: { pictures?: readonly (Buffer | null)[]; ended?: Date } = {},
): Promise<Image[]> {
  const made = pictures.length > 0 ? pictures : [await picture(7)];
  const time = { created_at: ended.toISOString(), ended_at: ended.toISOString() };
  const row = generationRow(userId, avatarId, { num_images: made.length, width: 608, height: 608, ...time });
  const id = String(row['id']);
  await insertRow(app.pool, 'generations', row);
  const fal = {
    async download(url: string, { path }: { path: string }) {
      const bytes = made[Number(url)] ?? Buffer.alloc(0);
      await writeFile(path, bytes);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      return { size: bytes.length, sha256, contentType: null };
    },
  } as unknown as App['fal'];
  const images = made.map((bytes, index) => ({ url: String(index), flagged: bytes === null }));
  const wanted = { generationId: id, images, width: 608, height: 608, sandbox: true };
  const awaited = () => Promise.resolve(true);
  const fetched = await fetchImages(
    { storage: app.storage, config: app.config, fal },
    wanted,
    awaited,
    new AbortController().signal,
  );
  await insertImages(app.db, { id, user_id: userId, avatar_id: avatarId }, fetched.images);
  return imagesOf(app.db, [id]);
}

export async function avatarRow({ db }: Pick<App, 'db'>, id: string): Promise<typeof avatars.$inferSelect> {
  const [row] = await db.select().from(avatars).where(eq(avatars.id, id));
  if (!row) throw new Error(`there is no avatar ${id}`);
  return row;
}

function picture(seed: number): Promise<Buffer> {
  const background = { r: (seed * 37) % 256, g: (seed * 91) % 256, b: (seed * 53) % 256 };
  return sharp({ create: { width: 600, height: 600, channels: 3, background } })
    .jpeg()
    .toBuffer();
}

import { createHash } from 'node:crypto';
import { eq } from 'drizzle-orm';
import sharp from 'sharp';
import { v7 as uuidv7 } from 'uuid';
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

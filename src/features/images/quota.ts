import { and, eq, sql } from 'drizzle-orm';
import type { Config } from '../../config.ts';
import { Problem } from '../../errors.ts';
import type { Db } from '../../platform/db/client.ts';
import { generationImages } from '../../platform/db/schema.ts';

/**
 * Checks before a generation what its user has stored. What is in the queue is not counted: its own limits bound it.
 * @param more images that are asked for
 * @throws Problem 409 `quota-exceeded` naming the limit
 */
export async function refuseBeyondImages(
  db: Db,
  { limits }: Pick<Config, 'limits'>,
  userId: string,
  more: number,
): Promise<void> {
  const [held] = await db
    .select({ images: sql<number>`count(*)`, bytes: sql<number>`coalesce(sum(${generationImages.size}), 0)::bigint` })
    .from(generationImages)
    .where(and(eq(generationImages.user_id, userId), eq(generationImages.status, 'ok')));
  const { images = 0, bytes = 0 } = held ?? {};
  if (images + more > limits.imagesPerUser) {
    const asked = more === 1 ? 'one more is' : `${more} more are`;
    refuse(
      `The user has ${images} images, and ${limits.imagesPerUser} are allowed; ${asked} asked for`,
      limits.imagesPerUser,
    );
  }
  if (bytes >= limits.imageBytesPerUser) {
    refuse(
      `The images of the user have ${bytes} bytes, and ${limits.imageBytesPerUser} are allowed`,
      limits.imageBytesPerUser,
    );
  }
}

function refuse(held: string, maximum: number): never {
  throw new Problem('quota-exceeded', `${held}: delete some first.`, { extensions: { maximum } });
}

import { and, eq } from 'drizzle-orm';
import type { Db } from '../db/client.ts';
import { avatars } from '../db/schema.ts';
import type { Reach } from '../http/caller.ts';

export type { Reach };

export type Avatar = typeof avatars.$inferSelect;

/**
 * Locks an avatar until the transaction ends. Photos and trainings of one avatar take turns on this lock.
 * @returns undefined when there is no such avatar, or it is another user's
 */
export async function lockAvatar(db: Db, id: string, { userId }: Reach = {}): Promise<Avatar | undefined> {
  const [row] = await db
    .select()
    .from(avatars)
    .where(and(eq(avatars.id, id), userId === undefined ? undefined : eq(avatars.user_id, userId)))
    .for('update');
  return row;
}

/** @returns the avatar; undefined when there is none, or it is another user's */
export async function findAvatar(db: Db, id: string, { userId }: Reach = {}): Promise<Avatar | undefined> {
  const [row] = await db
    .select()
    .from(avatars)
    .where(and(eq(avatars.id, id), userId === undefined ? undefined : eq(avatars.user_id, userId)));
  return row;
}

import { and, eq, inArray, or, type SQL, sql } from 'drizzle-orm';
import type { Db } from '../../platform/db/client.ts';
import { isUser } from '../../platform/db/is-user.ts';
import { noteLocks } from '../../platform/db/lock-order.ts';
import { savepoint, type Tx } from '../../platform/db/transact.ts';
import { avatars, users } from '../../platform/db/schema.ts';
import type { Reach } from '../../platform/http/caller.ts';
import { externalIdForms } from './external-id.ts';

export type User = typeof users.$inferSelect;
export type UserChanges = Partial<Omit<User, 'id' | 'created_at'>>;

function within(id: string, { userId }: Reach): SQL | undefined {
  return and(eq(users.id, id), isUser, userId === undefined ? undefined : eq(users.id, userId));
}

/** @returns undefined when there is no such user, or the caller may not see them */
export async function findUser(db: Db, id: string, reach: Reach = {}): Promise<User | undefined> {
  const [row] = await db.select().from(users).where(within(id, reach));
  return row;
}

/**
 * Locks the user row for a caller that adds something counted by a quota: deletion and concurrent additions wait until
 * the transaction ends.
 */
export async function lockOwner(tx: Tx, id: string, reach: Reach = {}): Promise<User | undefined> {
  noteLocks(tx, 'user', [id]);
  const [row] = await tx.select().from(users).where(within(id, reach)).for('no key update');
  return row;
}

export async function findOwner(db: Db, avatarId: string): Promise<User | undefined> {
  const [row] = await db
    .select({ user: users })
    .from(users)
    .innerJoin(avatars, eq(avatars.user_id, users.id))
    .where(eq(avatars.id, avatarId));
  return row?.user;
}

/**
 * Locks the user row until the transaction ends.
 * @returns undefined when there is no such user, or the caller may not see them
 */
export async function lockUser(tx: Tx, id: string, reach: Reach = {}): Promise<User | undefined> {
  noteLocks(tx, 'user', [id]);
  const [row] = await tx.select().from(users).where(within(id, reach)).for('update');
  return row;
}

export type OwnIds = { external_id?: string | undefined; telegram_id?: string | undefined };

/**
 * Locks the users who have one of the two ids, and the user who is to receive them. Of older rows that differ only in
 * the spelling of the external id, the one closest to `external_id` is meant.
 * @returns none, one or two users who have one of the ids
 */
export async function lockUsersByOwnIds(
  tx: Tx,
  { external_id, telegram_id }: OwnIds,
  receiverId?: string,
): Promise<User[]> {
  const forms = external_id === undefined ? [] : externalIdForms(external_id);
  const rows = await tx
    .select()
    .from(users)
    .where(
      or(
        receiverId === undefined ? undefined : eq(users.id, receiverId),
        forms.length === 0 ? undefined : inArray(users.external_id, forms),
        telegram_id === undefined ? undefined : eq(users.telegram_id, telegram_id),
      ),
    )
    .orderBy(users.id)
    .for('update');
  noteLocks(
    tx,
    'user',
    rows.map(({ id }) => id),
  );
  const place = ({ external_id: stored }: User) => (stored === null ? -1 : forms.indexOf(stored));
  const named = rows.filter((row) => place(row) >= 0).sort((a, b) => place(a) - place(b))[0];
  const byTelegram = rows.find((row) => telegram_id !== undefined && row.telegram_id === telegram_id);
  return [...new Set([named, byTelegram])].filter((row) => row !== undefined);
}

/** @returns undefined when another user has one of the ids */
export async function insertUser(db: Db, user: User): Promise<User | undefined> {
  const [row] = await db.insert(users).values(user).onConflictDoNothing().returning();
  return row;
}

export async function updateUser(db: Db, id: string, changes: UserChanges): Promise<User> {
  const [row] = await db
    .update(users)
    .set({ ...changes, updated_at: sql`now()` })
    .where(eq(users.id, id))
    .returning();
  if (!row) throw new Error(`user ${id} went away under its lock`);
  return row;
}

/** Locks an avatar of a user against deletion. @returns whether the user owns it */
export async function lockOwnedAvatar(tx: Tx, userId: string, avatarId: string): Promise<boolean> {
  noteLocks(tx, 'avatar', [avatarId]);
  const rows = await tx
    .select({ id: avatars.id })
    .from(avatars)
    .where(and(eq(avatars.id, avatarId), eq(avatars.user_id, userId)))
    .for('key share');
  return rows.length > 0;
}

/**
 * Locks a user and all their avatars, in the order avatar, user. When an avatar was added before the user was locked,
 * the user lock is released and both are tried again.
 * @returns all avatars, which cannot increase; undefined when there is no such user, or the caller may not see them
 */
export async function lockUserWithAvatars(tx: Tx, id: string, reach: Reach = {}): Promise<OwnedAvatar[] | undefined> {
  if (!(await findUser(tx, id, reach))) return undefined;
  for (;;) {
    const locked = await lockAvatarsOf(tx, id);
    try {
      return await savepoint(tx, async (part) => {
        if (!(await lockUser(part, id, reach))) return undefined;
        if ((await part.$count(avatars, eq(avatars.user_id, id))) > locked.length) throw outrun;
        return locked;
      });
    } catch (error) {
      if (error !== outrun) throw error;
    }
  }
}

type OwnedAvatar = { id: string; user_id: string };
const outrun = new Error('an avatar was made meanwhile');

async function lockAvatarsOf(tx: Tx, userId: string): Promise<OwnedAvatar[]> {
  const rows = await tx
    .select({ id: avatars.id, user_id: avatars.user_id })
    .from(avatars)
    .where(eq(avatars.user_id, userId))
    .orderBy(avatars.id)
    .for('update');
  noteLocks(
    tx,
    'avatar',
    rows.map(({ id }) => id),
  );
  return rows;
}

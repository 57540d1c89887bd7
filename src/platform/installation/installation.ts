import { randomBytes } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { BootError } from '../../errors.ts';
import { advisoryLocks, takeAdvisoryLock } from '../db/advisory-lock.ts';
import type { Db } from '../db/client.ts';
import { type FalMode, installation } from '../db/schema.ts';
import { limits } from '../../limits.ts';
import { type Storage, StorageError } from '../storage/storage.ts';
import { withTimeout } from '../async/timeout.ts';

/** What a database is pinned to at first boot. */
export type Installation = {
  falMode: FalMode;
  storageId: string;
  /** Signs job tokens and cursors in every process over one database. */
  secret: Buffer;
};

/** The object that marks a store as this installation's. */
export const markerKey = 'likeness-installation.json';

/**
 * Pins the database to its fal mode and object store at first boot and compares at later ones. Real and sandbox
 * trainings never mix, and two hosts with local disks are not taken for one store.
 * @throws BootError (78) with a sentence for each mismatch
 */
export async function pinInstallation(
  { db, storage }: { db: Db; storage: Storage },
  mode: FalMode,
): Promise<Installation> {
  const store = untilLate(storage);
  const row = await db.transaction(async (tx) => {
    // Serialised: two first boots would each write a marker.
    await takeAdvisoryLock(tx, advisoryLocks.installation);
    return (await readInstallation(tx)) ?? (await firstBoot(tx, store, mode));
  });
  if (row.fal_mode !== mode) {
    throw new BootError(
      `This database was first used with FAL_MODE=${row.fal_mode} and can't be used with FAL_MODE=${mode}: ` +
        `say FAL_MODE=${row.fal_mode}, or name another database.`,
    );
  }
  const marker = await readMarker(store);
  if (marker !== row.storage_id) {
    throw new BootError(
      `STORAGE_URL (${storage.description}) is not the object store this database was first used with` +
        `${marker === null ? ' (its marker is missing)' : marker === '' ? " (its marker can't be read)" : ''}: name that store, or another database.`,
    );
  }
  return installationOf(row);
}

/** @returns the pinned values; undefined before the first boot */
export async function findInstallation(db: Db): Promise<Installation | undefined> {
  const row = await readInstallation(db);
  return row && installationOf(row);
}

function installationOf(row: typeof installation.$inferSelect): Installation {
  // The column holds one of the two.
  return { falMode: row.fal_mode === 'live' ? 'live' : 'sandbox', storageId: row.storage_id, secret: row.secret };
}

type Store = Pick<Storage, 'exists' | 'bytes' | 'putBytes'>;

// One limit for all store operations of a start.
function untilLate(storage: Storage): Store {
  const { ms } = limits.storeStart;
  const deadline = performance.now() + ms;
  const soon = <T>(ends: Promise<T>) =>
    withTimeout(
      Math.max(0, deadline - performance.now()),
      ends,
      () => new StorageError('unavailable', `${storage.description} gave no answer within ${ms / 1000} s`),
    );
  return {
    exists: (key) => soon(storage.exists(key)),
    bytes: (key) => soon(storage.bytes(key)),
    putBytes: (key, bytes, type) => soon(storage.putBytes(key, bytes, type)),
  };
}

async function readInstallation(db: Db): Promise<typeof installation.$inferSelect | undefined> {
  const [row] = await db.select().from(installation).where(eq(installation.id, 1));
  return row;
}

// The marker is written before the row: after a crash between, the next boot adopts it.
async function firstBoot(db: Db, storage: Store, mode: FalMode): Promise<typeof installation.$inferSelect> {
  let storageId = await readMarker(storage);
  if (!storageId) {
    storageId = uuidv7();
    await storage.putBytes(markerKey, Buffer.from(JSON.stringify({ storage_id: storageId })), 'application/json');
  }
  const row = {
    id: 1,
    fal_mode: mode,
    storage_id: storageId,
    secret: randomBytes(32),
    fal_user_id: null,
    created_at: new Date(),
  };
  await db.insert(installation).values(row);
  return row;
}

/** @returns the id in the store's marker; null without a marker, empty when it is unreadable */
async function readMarker(storage: Store): Promise<string | null> {
  if (!(await storage.exists(markerKey))) return null;
  const text = Buffer.from(await storage.bytes(markerKey)).toString();
  try {
    const { storage_id } = JSON.parse(text) as { storage_id?: unknown };
    return typeof storage_id === 'string' ? storage_id : '';
  } catch {
    return '';
  }
}

import { eq } from 'drizzle-orm';
import type { Db } from '../../platform/db/client.ts';
import { users } from '../../platform/db/schema.ts';
import { savepoint, type Tx } from '../../platform/db/transact.ts';
import { violationOf } from '../../platform/db/violations.ts';
import { updateUser } from './store.ts';

/**
 * Deletes the row of a user. When a table outside the service refers to it, such as a balance of the earlier system,
 * the row stays without personal data.
 */
export async function deleteOrAnonymise(tx: Tx, id: string): Promise<void> {
  try {
    await savepoint(tx, async (inner) => void (await inner.delete(users).where(eq(users.id, id))));
  } catch (error) {
    if (violationOf(error)?.kind !== 'foreign-key') throw error;
    await anonymiseUserRow(tx, id);
  }
}

async function anonymiseUserRow(db: Db, id: string): Promise<void> {
  await updateUser(db, id, {
    external_id: null,
    telegram_id: null,
    first_name: '',
    last_name: null,
    username: null,
    language_code: 'en',
    timezone: null,
    is_premium: false,
    is_bot: false,
    is_blocked: false,
    main_avatar_id: null,
  });
}

import type { Db } from '../../platform/db/client.ts';
import { trainings } from '../../platform/db/schema.ts';
import { sql } from 'drizzle-orm';
import { belongsTo, type Whose } from '../trainings/erase.ts';
import { dropFilesOf } from './store.ts';

/**
 * Drops the addresses of someone's LoRAs. fal deletes the files when they expire, so the rows remain until then. The
 * rows of the trainings are written first, which holds back uploads that begin meanwhile.
 */
export async function eraseLoras(db: Db, whose: Whose): Promise<void> {
  await dropFilesOf(db, sql`select id from ${trainings} where ${belongsTo(whose)}`);
}

import { sql } from 'drizzle-orm';
import type { Db } from '../../platform/db/client.ts';
import { eventIdsOf, type Whose } from '../events/erase.ts';

/** Removes what endpoints answered to the events of a person, which may repeat them. */
export async function eraseResponses(db: Db, whose: Whose): Promise<void> {
  await db.execute(sql`
    update webhook_attempts set response_body = null
    where response_body is not null
      and delivery_id in (select id from webhook_deliveries where event_id in (${eventIdsOf(whose)}))
  `);
}

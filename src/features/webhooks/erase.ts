import { sql } from 'drizzle-orm';
import type { Db } from '../../platform/db/client.ts';
import { eventIdsOf, type Whose } from '../events/erase.ts';

/** Deletes the recorded responses of endpoints to a person's events, since they may repeat personal data. */
export async function eraseResponses(db: Db, whose: Whose): Promise<void> {
  await db.execute(sql`
    update webhook_attempts set response_body = null
    where response_body is not null
      and delivery_id in (select id from webhook_deliveries where event_id in (${eventIdsOf(whose)}))
  `);
}

import { type SQL, sql } from 'drizzle-orm';
import type { Db } from '../../platform/db/client.ts';

/**
 * Removes what else tells of deleted users or avatars: answers that are kept for repeated requests, the free texts in
 * their events, and what endpoints answered to those.
 * @param ids of the user, of avatars or both
 * @param userId given when the user goes too: then every answer that they got with a token of theirs
 */
export async function eraseTraces(db: Db, ids: readonly string[], userId?: string): Promise<void> {
  const anyId = ids.join('|');
  await db.execute(sql`
    delete from idempotency_keys
    where ${userId === undefined ? sql`false` : sql`caller = ${`user ${userId}`}`}
      or path ~ ${anyId} or headers::text ~ ${anyId} or encode(body, 'escape') ~ ${anyId}
  `);
  const column = sql.raw(userId === undefined ? 'avatar_id' : 'user_id');
  const subjects = userId === undefined ? ids : [userId];
  const isTheirs = sql`${column} = any(${sql.param(subjects)}::uuid[])`;
  const theirs: SQL = sql`
    select id from events where ${isTheirs} and sequence is not null
    union all
    select id from events where ${isTheirs} and sequence is null
  `;
  await db.execute(sql`
    update events set data = case
      when type = 'training.failed' then jsonb_set(data, '{error}', (data -> 'error') || ${erasedError}::jsonb)
      else data || ${erasedFile}::jsonb
    end
    where id in (${theirs}) and type in ('training.failed', 'photo.rejected')
  `);
  await db.execute(sql`
    update webhook_attempts set response_body = null
    where response_body is not null
      and delivery_id in (select id from webhook_deliveries where event_id in (${theirs}))
  `);
}

const erased = 'Erased with the person it was about.';
const erasedError = JSON.stringify({ message: erased, detail: null });
const erasedFile = JSON.stringify({ filename: null, detail: erased });

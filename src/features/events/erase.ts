import { type SQL, sql } from 'drizzle-orm';
import type { Db } from '../../platform/db/client.ts';

export type Whose = { avatarIds: readonly string[] } | { userId: string };

export function eventIdsOf(whose: Whose): SQL {
  const isTheirs =
    'userId' in whose
      ? sql`user_id = ${whose.userId}::uuid`
      : sql`avatar_id = any(${sql.param(whose.avatarIds)}::uuid[])`;
  // Two halves, since numbered and unnumbered events have an index each.
  return sql`
    select id from events where ${isTheirs} and sequence is not null
    union all
    select id from events where ${isTheirs} and sequence is null
  `;
}

const erased = 'Erased with the person it was about.';
const erasedError = JSON.stringify({ message: erased, detail: null });
const erasedFile = JSON.stringify({ filename: null, detail: erased });

/** Removes personal free text from stored events: file names, and fal's words about the photos. */
export async function eraseEvents(db: Db, whose: Whose): Promise<void> {
  await db.execute(sql`
    update events set data = case
      when type = 'training.failed' then jsonb_set(data, '{error}', (data -> 'error') || ${erasedError}::jsonb)
      else data || ${erasedFile}::jsonb
    end
    where id in (${eventIdsOf(whose)}) and type in ('training.failed', 'photo.rejected')
  `);
}

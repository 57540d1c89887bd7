import { type SQL, sql } from 'drizzle-orm';
import type { Db } from '../../platform/db/client.ts';
import { belongsTo, type Whose } from '../trainings/erase.ts';

/**
 * Empties the bodies of fal's webhooks about ended jobs; a webhook that is being drained is emptied by the drain.
 */
export async function eraseWebhooks(db: Db, whose: Whose): Promise<void> {
  await eraseBodies(
    db,
    sql`
    training_id in (select id from trainings where ${belongsTo(whose)} and ended_at is not null)
    or generation_id in (select id from generations where ${belongsTo(whose)} and ended_at is not null)
  `,
  );
}

/** Empties the bodies of fal's webhooks about an ended generation. */
export async function eraseGenerationWebhooks(db: Db, generationId: string): Promise<void> {
  await eraseBodies(db, sql`generation_id = ${generationId}::uuid`);
}

async function eraseBodies(db: Db, isAbout: SQL): Promise<void> {
  await db.execute(sql`
    update fal_webhooks set body = ''::bytea, outcome_detail = null
    where id in (
      select id from fal_webhooks
      where drained_at is not null and (${isAbout})
      for update skip locked
    )
  `);
}

import { sql } from 'drizzle-orm';
import type { Context } from '../../context.ts';
import type { Db } from '../../platform/db/client.ts';
import { isDeterministic } from '../../platform/db/faults.ts';
import { transact } from '../../platform/db/transact.ts';
import { defineRecurringJob } from '../../platform/jobs/define.ts';
import { enqueueDeletion } from '../../platform/storage/delete-objects.ts';
import { eraseGenerations } from '../generations/erase.ts';
import { eraseGenerationWebhooks } from '../inbox/erase.ts';

type Needs = Pick<Context, 'config' | 'db' | 'jobs' | 'log' | 'wakeups'>;

const batch = 100;

/**
 * Removes prompts, inputs and images of generations whose retention is over, the oldest first, but for favourites. Their
 * rows remain as a record of what was paid.
 */
export const pruneGenerationsJob = defineRecurringJob<Needs>({
  name: 'generations.prune',
  everyMs: ({ config }) => config.retention.everyMs,
  async run(context) {
    const { generationsDays: days } = context.config.retention;
    if (days === null) return false;
    const ids = await findExpired(context.db, days);
    let erased = 0;
    for (const id of ids) {
      try {
        if (await expire(context, id)) erased += 1;
      } catch (error) {
        // One that can never be erased must not keep the others.
        if (!isDeterministic(error)) throw error;
        context.log.error({ err: error, generation_id: id }, 'the database refuses to erase a generation');
      }
    }
    return ids.length === batch && erased > 0;
  },
});

async function findExpired(db: Db, days: number): Promise<string[]> {
  const { rows } = await db.execute<{ id: string }>(sql`
    select id from generations
    where erased_at is null and ended_at < now() - ${days} * interval '1 day'
    order by ended_at, id limit ${batch}
  `);
  return rows.map(({ id }) => id);
}

/** @returns whether it did, and not another process */
async function expire(context: Needs, id: string): Promise<boolean> {
  return transact(context, async (tx) => {
    const { rows } = await tx.execute(sql`
      select from generations where id = ${id}::uuid and erased_at is null for update skip locked
    `);
    if (rows.length === 0) return false;
    await eraseGenerationWebhooks(tx, id);
    await enqueueDeletion(tx, context.jobs, await eraseGenerations(tx, { generationId: id }, { keepFavorites: true }));
    return true;
  });
}

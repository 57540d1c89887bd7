import { type SQL, sql } from 'drizzle-orm';
import type { Context } from '../context.ts';
import type { Db } from '../platform/db/client.ts';
import { users } from '../platform/db/schema.ts';
import { outageGapMs } from './backoff.ts';
import type { KindName } from './follow-ups.ts';
import type { JobKind } from './kind.ts';
import { type JobTable, jobTables } from './table.ts';

/* Whose turn it is at fal: places of a kind, of a user, of the account. */

/** SQL: the job takes one of the places at fal, as takesRoom in lifecycle.ts says. */
const takesPlace = sql`status in ('preparing', 'submitting', 'in_queue', 'in_progress') and needs_attention_at is null`;

/** SQL: the job was sent to fal in the last 24 hours, whatever its outcome. */
export const sentToday = sql`submitted_at > now() - interval '24 hours' and status not in ('queued', 'preparing')`;

/** SQL: a query of each kind's table, one after the other. */
export function ofEachTable(query: (table: JobTable, kind: KindName) => SQL): SQL {
  const queries = Object.entries(jobTables).map(([kind, table]) => query(table, kind as KindName));
  return sql.join(queries, sql` union all `);
}

/**
 * The order in which kinds take free places. With two places or more the slow kinds go first, since each of them leaves
 * a place to the quick ones (FAL_CONCURRENCY); with one place the kinds take turns.
 * @param kinds quickest first
 */
export async function inTurn(
  { db, config }: Pick<Context, 'db' | 'config'>,
  kinds: readonly JobKind[],
): Promise<readonly JobKind[]> {
  const { concurrency } = config.fal;
  if (concurrency === null) return kinds;
  if (concurrency > 1) return kinds.toReversed();
  const last = await lastSubmissions(db);
  const at = ({ name }: JobKind) => last.get(name) ?? 0;
  return kinds.toSorted((one, other) => at(one) - at(other));
}

async function lastSubmissions(db: Db): Promise<Map<string, number>> {
  const { rows } = await db.execute<{ kind: string; at: number | null }>(
    ofEachTable(
      (table, kind) =>
        sql`select ${kind}::text as kind, extract(epoch from max(submitted_at))::float8 as at from ${table}`,
    ),
  );
  return new Map(rows.map(({ kind, at }) => [kind, at ?? 0]));
}

/** @returns how many jobs of a kind may be let in, by its own cap and by the places of the account */
export async function freePlaces(db: Db, config: Context['config'], kind: JobKind): Promise<number> {
  const { rows } = await db.execute<{ kind: string; taken: number }>(
    ofEachTable(
      (table, name) => sql`select ${name}::text as kind, count(*)::int as taken from ${table} where ${takesPlace}`,
    ),
  );
  const own = rows.find(({ kind: name }) => name === kind.name)?.taken ?? 0;
  const all = rows.reduce((sum, { taken }) => sum + taken, 0);
  return Math.min(kind.room(config).running - own, (config.fal.concurrency ?? Infinity) - all);
}

/**
 * The next jobs of a kind. Users take turns: a user's second job comes after everyone's first, and none exceeds the
 * user's caps of running and daily jobs; those of blocked users wait. Submissions that need attention occupy no place.
 * A job that could not reach fal a moment ago waits, since nothing else may hold it back.
 */
export async function findNext(
  db: Db,
  config: Pick<Context['config'], 'training' | 'generation' | 'fal' | 'limits'>,
  kind: JobKind,
  limit: number,
): Promise<{ id: string; traceparent: string | null }[]> {
  const table = jobTables[kind.name];
  const gapMs = outageGapMs(config.training.blockedRetryMs);
  const { rows } = await db.execute<{ id: string; traceparent: string | null }>(sql`
    with queued as (
      select job.id, user_id, job.created_at, traceparent, fal_priority = 'high' as is_high,
        row_number() over (partition by user_id order by fal_priority = 'high' desc, job.created_at, job.id) as place
      from ${table} as job left join ${users} on users.id = user_id
      where is_blocked is not true and status = 'queued' and (
        blocked_reason is null or blocked_reason not in ('provider-unavailable', 'storage-unavailable')
        or blocked_at <= now() - ${gapMs} * interval '1 millisecond'
      )
    ), running as (
      select user_id, count(*)::int as running from ${table} where ${takesPlace} group by user_id
    ), sent as (
      select user_id, count(*)::int as sent
      from (${ofEachTable(
        (each) => sql`
          select user_id from ${each} where ${sentToday}
          union all select user_id from ${each} where status = 'preparing'`,
      )}) as job
      group by user_id
    )
    select id, traceparent
    from queued left join running using (user_id) left join sent using (user_id)
    where coalesce(running, 0) + place <= ${kind.room(config).runningPerUser}
      and coalesce(sent, 0) + place <= ${config.limits.submissionsPerUserPerDay}
    order by is_high desc, coalesce(running, 0) + place, created_at, id
    limit ${limit}
  `);
  return rows;
}

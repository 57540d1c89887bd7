import { and, asc, desc, eq, lt, sql } from 'drizzle-orm';
import type { Db } from '../../platform/db/client.ts';
import { noteLocks } from '../../platform/db/lock-order.ts';
import type { Tx } from '../../platform/db/transact.ts';
import { events, webhookEndpoints } from '../../platform/db/schema.ts';

export type Endpoint = typeof webhookEndpoints.$inferSelect;
export type EndpointChanges = Partial<Omit<Endpoint, 'id' | 'created_at' | 'updated_at'>>;

export async function insertEndpoint(db: Db, endpoint: Endpoint): Promise<void> {
  await db.insert(webhookEndpoints).values(endpoint);
}

export async function findEndpoint(db: Db, id: string): Promise<Endpoint | undefined> {
  const [row] = await db.select().from(webhookEndpoints).where(eq(webhookEndpoints.id, id));
  return row;
}

/** Locks an endpoint until the transaction ends. Deliveries are locked after it. */
export async function lockEndpoint(tx: Tx, id: string): Promise<Endpoint | undefined> {
  noteLocks(tx, 'endpoint', [id]);
  const [row] = await tx.select().from(webhookEndpoints).where(eq(webhookEndpoints.id, id)).for('no key update');
  return row;
}

/** Locks the enabled endpoints that are behind the newest numbered event. */
export async function lockLagging(tx: Tx): Promise<Endpoint[]> {
  const rows = await tx
    .select()
    .from(webhookEndpoints)
    .where(and(eq(webhookEndpoints.status, 'enabled'), sql`${webhookEndpoints.last_sequence} < ${lastSequence}`))
    .orderBy(asc(webhookEndpoints.id))
    .for('no key update');
  noteLocks(
    tx,
    'endpoint',
    rows.map(({ id }) => id),
  );
  return rows;
}

export async function updateEndpoint(db: Db, id: string, changes: EndpointChanges): Promise<Endpoint> {
  const [row] = await db
    .update(webhookEndpoints)
    .set({ ...changes, updated_at: new Date() })
    .where(eq(webhookEndpoints.id, id))
    .returning();
  if (!row) throw new Error(`the endpoint ${id} is gone, and it was locked`);
  return row;
}

/** Records a failure of an endpoint; `updated_at` is the client's and stays. */
export async function noteFailing(
  db: Db,
  id: string,
  state: Partial<Pick<Endpoint, 'failing_since' | 'paused_until'>>,
): Promise<void> {
  await db.update(webhookEndpoints).set(state).where(eq(webhookEndpoints.id, id));
}

/** Sets the position of endpoints: deliveries exist for events up to `sequence`. */
export async function moveEndpoints(db: Db, ids: string[], sequence: number): Promise<void> {
  await db
    .update(webhookEndpoints)
    .set({ last_sequence: sequence })
    .where(sql`${webhookEndpoints.id} = any(${sql.param(ids)}::uuid[])`);
}

/** Clears the failure of an endpoint; writes nothing when it has none. */
export async function clearFailing(db: Db, id: string): Promise<void> {
  await db
    .update(webhookEndpoints)
    .set({ failing_since: null, paused_until: null })
    .where(and(eq(webhookEndpoints.id, id), sql`${webhookEndpoints.failing_since} is not null`));
}

/** Deletes an endpoint; its deliveries cascade. @returns whether it existed */
export async function deleteEndpoint(db: Db, id: string): Promise<boolean> {
  const rows = await db
    .delete(webhookEndpoints)
    .where(eq(webhookEndpoints.id, id))
    .returning({ id: webhookEndpoints.id });
  return rows.length > 0;
}

/** Endpoints older than `before`, newest first. */
export async function listNewest(db: Db, before: string | null, limit: number): Promise<Endpoint[]> {
  return db
    .select()
    .from(webhookEndpoints)
    .where(before === null ? undefined : lt(webhookEndpoints.id, before))
    .orderBy(desc(webhookEndpoints.id))
    .limit(limit);
}

const lastSequence = sql<number>`(select coalesce(max(${events.sequence}), 0) from ${events})`;

/** The highest sequence number, after which a new endpoint receives events. */
export async function findNewest(db: Db): Promise<number> {
  const { rows } = await db.execute<{ sequence: number }>(sql`select ${lastSequence} as sequence`);
  return rows[0]?.sequence ?? 0;
}

/**
 * @returns how many events that pass the filter were created since a time, up to a sequence number, and the number
 * before the first; null when there are none
 */
export async function findSince(
  db: Db,
  since: Date,
  upTo: number,
  types: string[] | null,
): Promise<{ count: number; before: number } | null> {
  const { rows } = await db.execute<{ count: number; before: number | null }>(sql`
    select count(*) as count, min(sequence) - 1 as before
    from ${events}
    where created_at >= ${since} and sequence <= ${upTo} and type <> 'endpoint.ping'
      and (${types === null} or type = any(${sql.param(types ?? [])}::text[]))
  `);
  const [row] = rows;
  return row && row.before !== null ? { count: row.count, before: row.before } : null;
}

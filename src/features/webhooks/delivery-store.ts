import { and, asc, desc, eq, getTableColumns, inArray, lt, sql } from 'drizzle-orm';
import type { Db } from '../../platform/db/client.ts';
import {
  type DeliveryStatus,
  events,
  webhookAttempts,
  webhookDeliveries,
  webhookEndpoints,
} from '../../platform/db/schema.ts';
import type { Event } from '../events/store.ts';
import type { Endpoint } from './store.ts';

export type Delivery = typeof webhookDeliveries.$inferSelect;
export type Attempt = typeof webhookAttempts.$inferSelect;
export type ListedDelivery = Delivery & { event_type: string; list: Attempt[] };
export type Claimed = { delivery: Delivery; endpoint: Endpoint; event: Event };

export type NewDelivery = { id: string; endpointId: string; eventId: string };

/** Creates deliveries, due at once. One that exists already restarts: its event is delivered again. */
export async function insertDeliveries(db: Db, list: readonly NewDelivery[], now: Date, giveUpAt: Date): Promise<void> {
  await db.execute(sql`
    insert into ${webhookDeliveries} as delivery
      (id, endpoint_id, event_id, status, attempts, tries, next_attempt_at, give_up_at, created_at, ended_at)
    select id, endpoint_id, event_id, 'pending', 0, 0, ${now}::timestamptz, ${giveUpAt}::timestamptz,
      ${now}::timestamptz, null
    from unnest(
      ${sql.param(list.map(({ id }) => id))}::uuid[],
      ${sql.param(list.map(({ endpointId }) => endpointId))}::uuid[],
      ${sql.param(list.map(({ eventId }) => eventId))}::uuid[]
    ) as fresh (id, endpoint_id, event_id)
    on conflict (endpoint_id, event_id) do update set
      status = 'pending', tries = 0, next_attempt_at = excluded.next_attempt_at, give_up_at = excluded.give_up_at,
      ended_at = null
  `);
}

export type ClaimOptions = {
  /** Limit of claims, over all endpoints. */
  room: number;
  /** Attempts of this worker in progress, by endpoint. */
  busy: ReadonlyMap<string, number>;
  /** Limit of attempts in progress per endpoint; 1 for an endpoint that fails. */
  concurrency: number;
  /** Milliseconds after which an attempt without a result counts as lost. */
  leaseMs: number;
};

/** Claims due deliveries: oldest first for each endpoint, working endpoints before failing ones. */
export async function claimDue(db: Db, { room, busy, concurrency, leaseMs }: ClaimOptions): Promise<Claimed[]> {
  return db.transaction(async (tx) => {
    const { rows } = await tx.execute<{ id: string }>(sql`
      with due as (
        select delivery.id
        from ${webhookEndpoints} endpoint
        left join unnest(
          ${sql.param([...busy.keys()])}::uuid[], ${sql.param([...busy.values()])}::int[]
        ) as busy (id, count) on busy.id = endpoint.id
        cross join lateral (
          select id from ${webhookDeliveries}
          where endpoint_id = endpoint.id and next_attempt_at <= now()
          order by next_attempt_at, id
          limit greatest(
            case when endpoint.failing_since is null then ${concurrency}::int else 1 end - coalesce(busy.count, 0), 0
          )
          for update skip locked
        ) delivery
        where endpoint.status = 'enabled' and (endpoint.paused_until is null or endpoint.paused_until <= now())
        order by endpoint.failing_since nulls first
        limit ${room}
      )
      update ${webhookDeliveries} set
        attempts = attempts + 1,
        tries = tries + 1,
        next_attempt_at = now() + ${leaseMs}::double precision * interval '1 millisecond'
      where id in (select id from due)
      returning id
    `);
    return rows.length === 0
      ? []
      : findClaimed(
          tx,
          rows.map(({ id }) => id),
        );
  });
}

async function findClaimed(db: Db, ids: string[]): Promise<Claimed[]> {
  const rows = await db
    .select({ delivery: webhookDeliveries, endpoint: webhookEndpoints, event: events })
    .from(webhookDeliveries)
    .innerJoin(webhookEndpoints, eq(webhookEndpoints.id, webhookDeliveries.endpoint_id))
    .innerJoin(events, eq(events.id, webhookDeliveries.event_id))
    .where(inArray(webhookDeliveries.id, ids))
    .orderBy(asc(events.sequence));
  // Deliveries exist for numbered events only.
  return rows.flatMap(({ event: { sequence, ...event }, ...rest }) =>
    sequence === null ? [] : [{ ...rest, event: { ...event, sequence } }],
  );
}

/** Releases a claim that was not attempted. */
export async function releaseClaim(db: Db, { id, attempts }: Delivery): Promise<void> {
  await db
    .update(webhookDeliveries)
    .set({ next_attempt_at: new Date(), tries: sql`greatest(${webhookDeliveries.tries} - 1, 0)` })
    .where(isThisAttempt(id, attempts));
}

export async function insertAttempt(db: Db, attempt: Attempt): Promise<void> {
  await db.insert(webhookAttempts).values(attempt);
}

/**
 * Records the result of an attempt in its delivery, unless a later attempt has begun or the delivery has ended.
 * @param number of the attempt
 */
export async function settleDelivery(
  db: Db,
  id: string,
  number: number,
  changes: Pick<Delivery, 'status' | 'next_attempt_at' | 'ended_at'>,
): Promise<void> {
  await db.update(webhookDeliveries).set(changes).where(isThisAttempt(id, number));
}

function isThisAttempt(id: string, number: number) {
  return and(
    eq(webhookDeliveries.id, id),
    eq(webhookDeliveries.attempts, number),
    eq(webhookDeliveries.status, 'pending'),
  );
}

export async function failPending(db: Db, endpointId: string, now: Date): Promise<void> {
  await db
    .update(webhookDeliveries)
    .set({ status: 'failed', next_attempt_at: null, ended_at: now })
    .where(and(eq(webhookDeliveries.endpoint_id, endpointId), eq(webhookDeliveries.status, 'pending')));
}

/** Restarts a delivery. @returns false when the endpoint has no such delivery */
export async function restartDelivery(
  db: Db,
  endpointId: string,
  id: string,
  now: Date,
  giveUpAt: Date,
): Promise<boolean> {
  const rows = await db
    .update(webhookDeliveries)
    .set({ status: 'pending', tries: 0, next_attempt_at: now, give_up_at: giveUpAt, ended_at: null })
    .where(and(eq(webhookDeliveries.id, id), eq(webhookDeliveries.endpoint_id, endpointId)))
    .returning({ id: webhookDeliveries.id });
  return rows.length > 0;
}

export type DeliveryFilter = { id?: string; status?: DeliveryStatus | undefined; eventId?: string | undefined };

/** @returns deliveries of an endpoint older than `before`, newest first, with their attempts */
export async function listDeliveries(
  db: Db,
  endpointId: string,
  { id, status, eventId }: DeliveryFilter,
  before: string | null,
  limit: number,
): Promise<ListedDelivery[]> {
  const rows = await db
    .select({ ...getTableColumns(webhookDeliveries), event_type: events.type })
    .from(webhookDeliveries)
    .innerJoin(events, eq(events.id, webhookDeliveries.event_id))
    .where(
      and(
        eq(webhookDeliveries.endpoint_id, endpointId),
        id === undefined ? undefined : eq(webhookDeliveries.id, id),
        status && eq(webhookDeliveries.status, status),
        eventId === undefined ? undefined : eq(webhookDeliveries.event_id, eventId),
        before === null ? undefined : lt(webhookDeliveries.id, before),
      ),
    )
    .orderBy(desc(webhookDeliveries.id))
    .limit(limit);
  const attempts = await findAttempts(
    db,
    rows.map((row) => row.id),
  );
  return rows.map((row) => ({ ...row, list: attempts.filter(({ delivery_id }) => delivery_id === row.id) }));
}

async function findAttempts(db: Db, deliveryIds: string[]): Promise<Attempt[]> {
  return db
    .select()
    .from(webhookAttempts)
    .where(inArray(webhookAttempts.delivery_id, deliveryIds))
    .orderBy(asc(webhookAttempts.number));
}

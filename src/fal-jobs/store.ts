import { and, eq, inArray, ne, type SQL, sql } from 'drizzle-orm';
import type { Db } from '../platform/db/client.ts';
import { noteLocks } from '../platform/db/lock-order.ts';
import { avatars } from '../platform/db/schema.ts';
import type { Tx } from '../platform/db/transact.ts';
import type { Reach } from '../platform/http/caller.ts';
import type { KindName } from './follow-ups.ts';
import { type JobRow, jobTables } from './table.ts';

type Avatar = typeof avatars.$inferSelect;

/** Queries on the table of a kind. */
export type JobStore<Row extends JobRow> = {
  find(db: Db, id: string, reach?: Reach): Promise<Row | undefined>;
  /** Locks rows, and before them the avatars of those in `withAvatar`, in the order of platform/db/lock-order.ts. */
  lock(
    tx: Tx,
    ids: readonly string[],
    withAvatar: readonly string[],
  ): Promise<Map<string, { row: Row; avatar: Avatar | null }>>;
  update(db: Db, id: string, changes: object): Promise<Row>;
  /**
   * Claims due rows for one check each, oldest first. A claim postpones the next check, so that neither another worker
   * nor a crash skips or repeats it.
   * @param leases milliseconds until the next check if this one sets none: for checks at fal, and for others
   */
  claimDue(db: Db, limit: number, leases: { lookMs: number; restMs: number }): Promise<Row[]>;
  /** Sets the time of the next check, null for never; changes nothing else. */
  setNextCheck(db: Db, id: string, at: Date | null): Promise<void>;
  /** Moves the deadline forward; an earlier one stays. */
  shortenDeadline(db: Db, id: string, at: Date): Promise<void>;
  /** Of requests in fal's records, those that no job of this kind has. */
  findUnclaimed(db: Db, falRequestIds: readonly string[]): Promise<string[]>;
  /** Whether another submission of unknown outcome has sent the same input. */
  hasTwin(db: Db, row: Row): Promise<boolean>;
};

/** The queries of one kind, and the only place where rows of its table are given its type. */
export function jobStore<Row extends JobRow>(name: KindName): JobStore<Row> {
  const table = jobTables[name];
  const rowsOf = (rows: Record<string, unknown>[]) => rows as unknown as Row[];

  return {
    async find(db, id, { userId } = {}) {
      const isTheirs = userId ? eq(table.user_id, userId) : undefined;
      return rowsOf(
        await db
          .select()
          .from(table)
          .where(and(eq(table.id, id), isTheirs)),
      )[0];
    },

    async lock(tx, ids, withAvatar) {
      if (ids.length === 0) return new Map();
      const avatarsById = new Map((await lockAvatarsOf(tx, name, withAvatar)).map((avatar) => [avatar.id, avatar]));
      const rows = rowsOf(
        await tx
          .select()
          .from(table)
          .where(inArray(table.id, [...ids]))
          .orderBy(table.id)
          .for('update'),
      );
      noteLocks(tx, name, idsOf(rows));
      return new Map(rows.map((row) => [row.id, { row, avatar: avatarsById.get(row.avatar_id ?? '') ?? null }]));
    },

    async update(db, id, changes) {
      const [row] = rowsOf(await db.update(table).set(changes).where(eq(table.id, id)).returning());
      if (!row) throw new Error(`the ${name} ${id} went away under its lock`);
      return row;
    },

    async claimDue(db, limit, { lookMs, restMs }) {
      const due = db
        .select({ id: table.id })
        .from(table)
        .where(sql`${table.next_check_at} <= now()`)
        .orderBy(table.next_check_at)
        .limit(limit)
        .for('update', { skipLocked: true });
      // An array is evaluated once; a subquery in a join may run again, and lock more rows than its limit.
      const ids = sql`array(${due})`;
      const isAtFal = sql`${table.status} in ('submitting', 'in_queue', 'in_progress')`;
      const claim: Record<string, SQL> = {
        next_check_at: sql`now() + interval '1 millisecond' * case when ${isAtFal} then ${lookMs}::int else ${restMs}::int end`,
        checks: sql`${table.checks} + 1`,
      };
      return rowsOf(await db.update(table).set(claim).where(sql`${table.id} = any(${ids})`).returning());
    },

    async setNextCheck(db, id, at) {
      await db.update(table).set({ next_check_at: at }).where(eq(table.id, id));
    },

    async shortenDeadline(db, id, at) {
      const deadline = sql`least(${table.deadline_at}, ${at.toISOString()}::timestamptz)`;
      await db.update(table).set({ deadline_at: deadline }).where(eq(table.id, id));
    },

    async findUnclaimed(db, falRequestIds) {
      const taken = await db
        .select({ id: table.fal_request_id })
        .from(table)
        .where(inArray(table.fal_request_id, [...falRequestIds]));
      return falRequestIds.filter((falRequestId) => !taken.some(({ id }) => id === falRequestId));
    },

    async hasTwin(db, { id }) {
      const own = sql`(select fal_input::jsonb from ${table} where id = ${id})`;
      const hasSame = sql`${table.fal_input}::jsonb = ${own}`;
      return (await db.$count(table, and(eq(table.status, 'submitting'), ne(table.id, id), hasSame))) > 0;
    },
  };
}

async function lockAvatarsOf(tx: Tx, name: KindName, ids: readonly string[]): Promise<Avatar[]> {
  if (ids.length === 0) return [];
  const table = jobTables[name];
  const owners = tx
    .select({ id: table.avatar_id })
    .from(table)
    .where(inArray(table.id, [...ids]));
  const locked = await tx.select().from(avatars).where(inArray(avatars.id, owners)).orderBy(avatars.id).for('update');
  noteLocks(tx, 'avatar', idsOf(locked));
  return locked;
}

function idsOf(rows: readonly { id: string }[]): string[] {
  return rows.map(({ id }) => id);
}

/** @returns the W3C traceparent of a job's request; null without tracing */
export async function findTraceparent(db: Db, kind: KindName, id: string): Promise<string | null> {
  const table = jobTables[kind];
  const [row] = await db.select({ traceparent: table.traceparent }).from(table).where(eq(table.id, id));
  return typeof row?.traceparent === 'string' ? row.traceparent : null;
}

import { asc, sql } from 'drizzle-orm';
import type { Context } from '../context.ts';
import { advisoryLocks, tryAdvisoryLock } from '../platform/db/advisory-lock.ts';
import { isDeterministic } from '../platform/db/faults.ts';
import { savepoint, transact, type Tx } from '../platform/db/transact.ts';
import { defineRecurringJob, type RecurringJob } from '../platform/jobs/define.ts';
import { inSpan } from '../platform/trace/trace.ts';
import { topics } from '../topics.ts';
import { advanceIn } from './advance.ts';
import { type Circuit, readCircuit, takeProbe } from './circuit.ts';
import type { BlockedReason } from './failures.ts';
import { unprepared } from './fal-signals.ts';
import { idOf, type JobKind } from './kind.ts';
import { findNext, freePlaces, inTurn } from './places.ts';
import type { Signal } from './signals.ts';
import { jobTables } from './table.ts';

const batch = 50;

type Needs = Pick<Context, 'config' | 'db' | 'jobs' | 'log' | 'wakeups'>;

/**
 * Dispatches queued jobs of all kinds within the caps, one dispatcher at a time: high priority first, round robin between
 * users, oldest first. While the circuit is open, one at a time probes.
 * @param kinds quickest and cheapest first, which is the order in which they probe
 */
export function dispatchJobOf(kinds: readonly JobKind[]): RecurringJob<Context> {
  return defineRecurringJob({
    name: 'jobs.dispatch',
    topic: topics.dispatch,
    everyMs: ({ config }) => config.training.checkIntervalMs,
    async run(context) {
      return (await dispatchJobs(context, kinds)) >= batch;
    },
  });
}

/** @returns how many jobs were moved; 0 also while another worker dispatches */
export async function dispatchJobs(context: Needs, kinds: readonly JobKind[]): Promise<number> {
  const { reason } = await readCircuit(context.db);
  let moved = 0;
  // Each kind in its own unit of work: locks of two kinds have an order, and so have the kinds.
  const order = reason === null ? await inTurn(context, kinds) : kinds;
  for (const kind of order) moved += await dispatchKind(context, kind);
  return moved;
}

async function dispatchKind(context: Needs, kind: JobKind): Promise<number> {
  return transact(context, async (tx) => {
    if (!(await tryAdvisoryLock(tx, advisoryLocks.dispatch))) return 0;
    const circuit = await readCircuit(tx);
    return circuit.reason === null ? letIn(tx, context, kind, batch) : hold(tx, context, kind, circuit);
  });
}

async function letIn(tx: Tx, context: Needs, kind: JobKind, limit: number): Promise<number> {
  const free = await freePlaces(tx, context.config, kind);
  const next = free > 0 ? await findNext(tx, context.config, kind, Math.min(limit, free)) : [];
  // In lock order, not in dispatch order.
  await lockAll(tx, kind, next, 'prepare');
  for (const { id, traceparent } of next) {
    const span = { parent: traceparent, attributes: { [`likeness.${kind.name}_id`]: id } };
    await inSpan(`${kind.name}.dispatch`, span, () => moveOn(tx, context, kind, id, { kind: 'prepare' }));
  }
  return next.length;
}

async function lockAll(tx: Tx, kind: JobKind, jobs: { id: string }[], signal: Signal['kind']): Promise<void> {
  const ids = jobs.map(({ id }) => id);
  await kind.store.lock(tx, ids, kind.locksAvatar(signal) ? ids : []);
}

// A row that cannot be advanced must not block the others.
async function moveOn(tx: Tx, context: Needs, kind: JobKind, id: string, signal: Signal): Promise<void> {
  try {
    await savepoint(tx, (part) => advanceIn(part, context, kind, [{ id, signal }]));
  } catch (error) {
    if (!isDeterministic(error)) throw error;
    context.log.error({ err: error, ...idOf(kind, id) }, `a ${kind.name} cannot be advanced and fails`);
    const giveUp = unprepared(kind.failures, `The database rejects the ${kind.name}.`, 'queued');
    await savepoint(tx, (part) => advanceIn(part, context, kind, [{ id, signal: giveUp }]));
  }
}

// While the circuit is open: one job probes when it is time, and the others are told why they wait.
async function hold(tx: Tx, context: Needs, kind: JobKind, circuit: Circuit): Promise<number> {
  const { blockedRetryMs } = context.config.training;
  if (circuit.probe_at && circuit.probe_at.getTime() <= Date.now()) {
    const tried = await letIn(tx, context, kind, 1);
    if (tried > 0) await takeProbe(tx, new Date(Date.now() + blockedRetryMs));
    return tried;
  }
  const table = jobTables[kind.name];
  const waiting = await tx
    .select({ id: sql<string>`${table.id}` })
    .from(table)
    .where(sql`${table.status} = 'queued' and ${table.blocked_at} is null`)
    .orderBy(asc(table.created_at), asc(table.id))
    .limit(batch);
  await lockAll(tx, kind, waiting, 'blocked');
  for (const { id } of waiting) {
    await moveOn(tx, context, kind, id, { kind: 'blocked', reason: circuit.reason as BlockedReason, from: 'queued' });
  }
  return waiting.length;
}

import { DrizzleQueryError } from 'drizzle-orm';
import type { Context } from '../../context.ts';
import { isHeldUp, isRetryable } from '../../platform/db/faults.ts';
import { withoutAddresses } from '../../fal/addresses.ts';
import { storableText } from '../../fal/lossless-json.ts';
import { defineRecurringJob, type RecurringJob } from '../../platform/jobs/define.ts';
import { inSpan, type SpanOptions } from '../../platform/trace/trace.ts';
import { topics } from '../../topics.ts';
import { savepoint, transact, type Tx } from '../../platform/db/transact.ts';
import { applyWebhook, askInstead, type WebhookOutcome } from '../../fal-jobs/apply-webhook.ts';
import type { JobKind } from '../../fal-jobs/kind.ts';
import { drainedCounter, lagHistogram } from './metrics.ts';
import { traceHeader } from './receive.ts';
import { jobOf, lockUndrained, markDrained, noteFailedTry, type ReceivedWebhook } from './store.ts';

// Parallel transactions share a flush to disk. Webhooks of one job serialise on its row lock.
const concurrency = 4;
const batch = 16;
/** Tries of a webhook before it is quarantined, over all processes. */
const triesMax = 6;

type Drained = { outcome: WebhookOutcome; detail: string | null };
type Needs = Pick<Context, 'config' | 'db' | 'jobs' | 'log' | 'metrics' | 'wakeups'>;

/** @param kinds of the jobs that webhooks of fal are about */
export function drainJobOf(kinds: readonly JobKind[]): RecurringJob<Needs> {
  return defineRecurringJob({
    name: 'webhooks.drain',
    topic: topics.inbox,
    everyMs: ({ config }) => config.training.checkIntervalMs,
    slots: concurrency,
    async run(context, _signal, slots) {
      while (slots.free > 0) slots.begin((signal) => drainSome(context, kinds, signal));
      return false;
    },
  });
}

/** @returns true when there may be more */
async function drainSome(context: Needs, kinds: readonly JobKind[], signal: AbortSignal): Promise<boolean> {
  for (let rest = batch; rest > 0 && !signal.aborted; rest -= 1) if (!(await drainOne(context, kinds))) return false;
  return true;
}

/**
 * Drains one webhook; its effect and its outcome are one transaction.
 * @returns false when there is none that is not locked elsewhere
 */
async function drainOne(context: Needs, kinds: readonly JobKind[]): Promise<boolean> {
  let locked: ReceivedWebhook | undefined;
  const transaction = transact(context, async (tx) => {
    const webhook = await lockUndrained(tx);
    locked = webhook;
    if (!webhook) return null;
    return inSpan('webhook.drain', spanOf(webhook), async (note) => {
      const result = await applyOrQuarantine(tx, context, kinds, webhook);
      await markDrained(tx, webhook.id, result.outcome, result.detail);
      note({ 'likeness.outcome': result.outcome });
      return { webhook, ...result };
    });
  });
  const drained = await transaction.catch(async (error: unknown) => {
    if (!locked || !isHeldUp(error)) throw error;
    await postpone(context, kinds, locked, error);
    return 'postponed' as const;
  });
  if (drained === 'postponed') return true;
  if (!drained) return false;
  const { webhook, outcome, detail } = drained;
  drainedCounter(context.metrics).inc({ outcome });
  lagHistogram(context.metrics).observe(Math.max(0, Date.now() - webhook.received_at.getTime()) / 1000);
  const fields = { ...idsOf(webhook), fal_request_id: webhook.fal_request_id, outcome, detail };
  context.log[outcome === 'mismatched' || outcome === 'quarantined' ? 'error' : 'info'](
    fields,
    'a webhook of fal was drained',
  );
  return true;
}

// Instead of a webhook that cannot be applied, fal is polled.
async function postpone(
  context: Needs,
  kinds: readonly JobKind[],
  webhook: ReceivedWebhook,
  error: unknown,
): Promise<void> {
  const { id } = webhook;
  const told = { err: error, webhook_id: id, ...idsOf(webhook) };
  const tries = await noteFailedTry(context.db, id, context.config.training.checkIntervalMs);
  if (tries < triesMax) {
    context.log.warn(told, 'a webhook could not be applied and is retried later');
    return;
  }
  await markDrained(context.db, id, 'quarantined', 'The database could not apply it within several tries.');
  drainedCounter(context.metrics).inc({ outcome: 'quarantined' });
  context.log.error(told, 'a webhook could not be applied after several tries; fal is polled instead');
  const { kind, jobId } = jobOf(webhook, kinds);
  if (kind) await askInstead(context, kind, jobId);
}

function idsOf({ training_id, generation_id }: ReceivedWebhook): Record<string, string> {
  return { ...(training_id && { training_id }), ...(generation_id && { generation_id }) };
}

function spanOf(webhook: ReceivedWebhook): SpanOptions {
  const { headers, fal_request_id } = webhook;
  const ids = Object.entries(idsOf(webhook)).map(([name, id]) => [`likeness.${name}`, id]);
  const attributes = { ...Object.fromEntries(ids), 'fal.request_id': fal_request_id };
  return { kind: 'consumer', parent: headers[traceHeader] ?? null, attributes };
}

// A webhook that cannot be applied is quarantined, or it would be retried forever and delay the others.
async function applyOrQuarantine(
  tx: Tx,
  context: Needs,
  kinds: readonly JobKind[],
  webhook: ReceivedWebhook,
): Promise<Drained> {
  const { kind, jobId } = jobOf(webhook, kinds);
  if (!kind) return { outcome: 'orphaned', detail: null };
  try {
    return await savepoint(tx, (part) => {
      const { submission_id: submissionId, body } = webhook;
      return applyWebhook(part, context, kind, { jobId, submissionId, body });
    });
  } catch (error) {
    if (isRetryable(error)) throw error;
    context.log.error({ err: error, webhook_id: webhook.id }, 'a webhook could not be applied');
    const cause = error instanceof DrizzleQueryError ? error.cause : error;
    const detail = cause instanceof Error ? cause.message : String(cause);
    return { outcome: 'quarantined', detail: storableText(withoutAddresses(detail).slice(0, 1000)) };
  }
}

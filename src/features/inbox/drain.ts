import { DrizzleQueryError } from 'drizzle-orm';
import type { Context } from '../../context.ts';
import { isHeldUp, isRetryable } from '../../platform/db/faults.ts';
import { withoutAddresses } from '../../fal/addresses.ts';
import { storableText } from '../../fal/lossless-json.ts';
import { defineRecurringJob } from '../../platform/jobs/define.ts';
import { inSpan, type SpanOptions } from '../../platform/trace/trace.ts';
import { topics } from '../../topics.ts';
import { savepoint, transact, type Tx } from '../../platform/db/transact.ts';
import { applyWebhook, askInstead, type WebhookOutcome } from '../../fal-jobs/apply-webhook.ts';
import { trainingKind } from '../trainings/kind.ts';
import { drainedCounter, lagHistogram } from './metrics.ts';
import { traceHeader } from './receive.ts';
import { lockUndrained, markDrained, noteFailedTry, type ReceivedWebhook } from './store.ts';

// Parallel transactions share a flush to disk. Webhooks of one training serialise on its row lock.
const concurrency = 4;
const batch = 16;
/** Tries of a webhook before it is quarantined, over all processes. */
const triesMax = 6;

function jobIdOf({ training_id, generation_id }: ReceivedWebhook): string {
  return training_id ?? generation_id ?? '';
}

type Drained = { outcome: WebhookOutcome; detail: string | null };
type Needs = Pick<Context, 'config' | 'db' | 'jobs' | 'log' | 'metrics' | 'wakeups'>;

export const drainWebhooksJob = defineRecurringJob<Needs>({
  name: 'webhooks.drain',
  topic: topics.inbox,
  everyMs: ({ config }) => config.training.checkIntervalMs,
  slots: concurrency,
  async run(context, _signal, slots) {
    while (slots.free > 0) slots.begin((signal) => drainSome(context, signal));
    return false;
  },
});

/** @returns true when there may be more */
async function drainSome(context: Needs, signal: AbortSignal): Promise<boolean> {
  for (let rest = batch; rest > 0 && !signal.aborted; rest -= 1) if (!(await drainOne(context))) return false;
  return true;
}

/**
 * Drains one webhook; its effect and its outcome are one transaction.
 * @returns false when there is none that is not locked elsewhere
 */
export async function drainOne(context: Needs): Promise<boolean> {
  let locked: ReceivedWebhook | undefined;
  const transaction = transact(context, async (tx) => {
    const webhook = await lockUndrained(tx);
    locked = webhook;
    if (!webhook) return null;
    return inSpan('webhook.drain', spanOf(webhook), async (note) => {
      const result = await applyOrQuarantine(tx, context, webhook);
      await markDrained(tx, webhook.id, result.outcome, result.detail);
      note({ 'likeness.outcome': result.outcome });
      return { webhook, ...result };
    });
  });
  const drained = await transaction.catch(async (error: unknown) => {
    if (!locked || !isHeldUp(error)) throw error;
    await postpone(context, locked, error);
    return 'postponed' as const;
  });
  if (drained === 'postponed') return true;
  if (!drained) return false;
  const { webhook, outcome, detail } = drained;
  drainedCounter(context.metrics).inc({ outcome });
  lagHistogram(context.metrics).observe(Math.max(0, Date.now() - webhook.received_at.getTime()) / 1000);
  const fields = { training_id: webhook.training_id, fal_request_id: webhook.fal_request_id, outcome, detail };
  context.log[outcome === 'mismatched' || outcome === 'quarantined' ? 'error' : 'info'](
    fields,
    'a webhook of fal was drained',
  );
  return true;
}

// Instead of a webhook that cannot be applied, fal is polled.
async function postpone(context: Needs, webhook: ReceivedWebhook, error: unknown): Promise<void> {
  const { id, training_id } = webhook;
  const told = { err: error, webhook_id: id, training_id };
  const tries = await noteFailedTry(context.db, id, context.config.training.checkIntervalMs);
  if (tries < triesMax) {
    context.log.warn(told, 'a webhook could not be applied and is retried later');
    return;
  }
  await markDrained(context.db, id, 'quarantined', 'The database could not apply it within several tries.');
  drainedCounter(context.metrics).inc({ outcome: 'quarantined' });
  context.log.error(told, 'a webhook could not be applied after several tries; fal is polled instead');
  await askInstead(context, trainingKind, jobIdOf(webhook));
}

function spanOf(webhook: ReceivedWebhook): SpanOptions {
  const { headers, fal_request_id } = webhook;
  const attributes = { 'likeness.training_id': jobIdOf(webhook), 'fal.request_id': fal_request_id };
  return { kind: 'consumer', parent: headers[traceHeader] ?? null, attributes };
}

// A webhook that cannot be applied is quarantined, or it would be retried forever and delay the others.
async function applyOrQuarantine(tx: Tx, context: Needs, webhook: ReceivedWebhook): Promise<Drained> {
  try {
    return await savepoint(tx, (part) => {
      const { submission_id: submissionId, body } = webhook;
      return applyWebhook(part, context, trainingKind, { jobId: jobIdOf(webhook), submissionId, body });
    });
  } catch (error) {
    if (isRetryable(error)) throw error;
    context.log.error({ err: error, webhook_id: webhook.id }, 'a webhook could not be applied');
    const cause = error instanceof DrizzleQueryError ? error.cause : error;
    const detail = cause instanceof Error ? cause.message : String(cause);
    return { outcome: 'quarantined', detail: storableText(withoutAddresses(detail).slice(0, 1000)) };
  }
}

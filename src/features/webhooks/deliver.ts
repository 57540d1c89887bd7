import type { Context } from '../../context.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import { eventView } from '../events/schemas.ts';
import type { Event } from '../events/store.ts';
import { limits } from '../../limits.ts';
import type { RecurringJob, Runner } from '../../platform/jobs/define.ts';
import { inSpan, type SpanOptions, traceparent } from '../../platform/trace/trace.ts';
import { type Claimed, claimDue, releaseClaim } from './delivery-store.ts';
import { attemptsCounter } from './metrics.ts';
import { recordOrEnd } from './record.ts';
import { signatureHeaders } from './secret.ts';
import { createSender, type Sender } from './sender.ts';
import { topics } from '../../topics.ts';

/** Concurrent requests of one worker, to all endpoints. */
const requests = 200;
/** An attempt with no result after this many timeouts counts as lost, and is repeated. */
const leaseTimeouts = 3;

/**
 * Delivers what is due. Each endpoint has a limit of concurrent attempts, so that a slow or dead one does not hold up
 * the others.
 */
export const deliverJob: RecurringJob<Context> = {
  kind: 'recurring',
  name: 'endpoints.deliver',
  topic: topics.deliveries,
  everyMs: ({ config }) => config.training.checkIntervalMs,
  slots: requests,
  start: startDelivery,
};

function startDelivery(context: Context, stopping: AbortSignal): Runner {
  const { timeoutMs, concurrency } = context.config.webhooks;
  const sender = createSender(context.config.webhooks);
  const leaseMs = timeoutMs * leaseTimeouts;
  const busy = new Map<string, number>();
  const forced = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  // Running attempts get a moment to end; the others are released for another worker.
  const patienceMs = Math.min(context.config.shutdownGraceMs / 4, timeoutMs);
  stopping.addEventListener('abort', () => (timer = setTimeout(() => forced.abort(), patienceMs)), { once: true });

  async function attempt(claimed: Claimed): Promise<boolean> {
    const { id } = claimed.endpoint;
    busy.set(id, (busy.get(id) ?? 0) + 1);
    try {
      await countAttempt(context, sender, claimed, forced.signal);
    } finally {
      const left = (busy.get(id) ?? 1) - 1;
      if (left > 0) busy.set(id, left);
      else busy.delete(id);
    }
    return true;
  }

  return {
    async run(_signal, slots) {
      const due = await claimDue(context.db, { room: slots.free, busy, concurrency, leaseMs });
      for (const claimed of due) slots.begin(() => attempt(claimed), Math.max(leaseMs, limits.recurringRun.ms));
      return due.length > 0;
    },
    async close() {
      clearTimeout(timer);
      await sender.close();
    },
  };
}

async function countAttempt(context: Context, sender: Sender, claimed: Claimed, signal: AbortSignal): Promise<void> {
  try {
    const outcome = await inSpan('webhook.deliver', spanOf(claimed), async (note) => {
      const recorded = await attemptDelivery(context, sender, claimed, signal);
      if (recorded) note({ 'likeness.upshot': recorded });
      return recorded;
    });
    if (outcome) attemptsCounter(context.metrics).inc({ upshot: outcome });
  } catch (error) {
    context.log.error(
      { err: error, delivery_id: claimed.delivery.id },
      'a delivery attempt was not recorded and is retried',
    );
  }
}

function spanOf({ delivery, endpoint, event }: Claimed): SpanOptions {
  const ids = { 'likeness.delivery_id': delivery.id, 'likeness.endpoint_id': endpoint.id };
  const attributes = { ...ids, 'likeness.event_type': event.type, 'likeness.attempt': delivery.attempts };
  return { kind: 'client', parent: event.traceparent, attributes };
}

/** @returns the outcome; undefined when the process stops or the endpoint was deleted */
async function attemptDelivery(context: Context, sender: Sender, claimed: Claimed, signal: AbortSignal) {
  const { delivery, endpoint, event } = claimed;
  const at = new Date();
  const body = bodyOf(event);
  const trace = traceparent();
  const headers = {
    'content-type': 'application/json',
    'user-agent': `likeness/${packageJson.version}`,
    ...(trace !== null && { traceparent: trace }),
    ...signatureHeaders(endpoint, { id: event.id, body, at }),
  };
  try {
    signal.throwIfAborted();
    const answer = await sender.post(endpoint.url, headers, body, signal);
    return await recordOrEnd(context, claimed, answer, at);
  } catch (error) {
    if (!signal.aborted) throw error;
    await releaseClaim(context.db, delivery);
    return undefined;
  }
}

/** The body after Standard Webhooks; identical at each delivery of an event. */
function bodyOf(event: Event): string {
  const data = eventView(event);
  return JSON.stringify({ type: data.type, timestamp: data.created_at, data });
}

import type { Context } from '../../context.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import { eventView } from '../events/schemas.ts';
import type { Event } from '../events/store.ts';
import { defineRecurringJob } from '../../platform/jobs/define.ts';
import { inSpan, type SpanOptions, traceparent } from '../../platform/trace/trace.ts';
import { type Claimed, claimDue, releaseClaim } from './delivery-store.ts';
import { attemptsCounter } from './metrics.ts';
import { recordOrEnd } from './record.ts';
import { signatureHeaders } from './secret.ts';
import { createSender, type Sender } from './sender.ts';
import { topics } from '../../topics.ts';

const room = 200;
/** An attempt with no result after this many timeouts counts as lost, and is repeated. */
const leaseTimeouts = 3;

/**
 * Delivers what is due until the process stops. Each endpoint has a limit of concurrent attempts, so that a slow or
 * dead one does not hold up the others.
 */
export const deliverJob = defineRecurringJob<Context>({
  name: 'endpoints.deliver',
  topic: topics.deliveries,
  isEndless: true,
  everyMs: ({ config }) => config.training.checkIntervalMs,
  async run(context, signal) {
    await deliverUntil(context, signal);
    return false;
  },
});

/** @param sender replaces the one made from the settings */
export async function deliverUntil(context: Context, signal: AbortSignal, sender?: Sender): Promise<void> {
  const { config, db, log, wakeups } = context;
  const { timeoutMs, concurrency } = config.webhooks;
  const client = sender ?? createSender(config.webhooks);
  const counter = attemptsCounter(context.metrics);
  const busy = new Map<string, number>();
  const running = new Set<Promise<void>>();
  const forced = new AbortController();
  const bell = createBell(signal);
  const off = wakeups.on(topics.deliveries, bell.ring);

  async function attempt(claimed: Claimed): Promise<void> {
    const { id } = claimed.endpoint;
    busy.set(id, (busy.get(id) ?? 0) + 1);
    try {
      const upshot = await inSpan('webhook.deliver', spanOf(claimed), async (note) => {
        const came = await attemptDelivery(context, client, claimed, forced.signal);
        if (came) note({ 'likeness.upshot': came });
        return came;
      });
      if (upshot) counter.inc({ upshot });
    } catch (error) {
      log.error({ err: error, delivery_id: claimed.delivery.id }, 'a delivery attempt was not recorded and is retried');
    } finally {
      const left = (busy.get(id) ?? 1) - 1;
      if (left > 0) busy.set(id, left);
      else busy.delete(id);
      bell.ring();
    }
  }

  try {
    while (!signal.aborted) {
      const free = room - running.size;
      const options = { room: free, busy, concurrency, leaseMs: timeoutMs * leaseTimeouts };
      const list = free > 0 ? await claimDue(db, options) : [];
      for (const claimed of list) {
        const done: Promise<void> = attempt(claimed).finally(() => running.delete(done));
        running.add(done);
      }
      if (list.length === 0) await bell.wait(config.training.checkIntervalMs);
    }
  } finally {
    off();
    // Running attempts get a moment to finish; the others are released for another worker.
    const timer = setTimeout(() => forced.abort(), Math.min(config.shutdownGraceMs / 4, timeoutMs));
    await Promise.all(running);
    clearTimeout(timer);
    await client.close();
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

/** Wakes one waiter; a ring before the wait is not lost. */
function createBell(signal: AbortSignal) {
  let hasRung = false;
  let wake = () => {};
  const ring = () => {
    hasRung = true;
    wake();
  };
  signal.addEventListener('abort', ring, { once: true });
  return {
    ring,
    async wait(ms: number): Promise<void> {
      if (!hasRung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      hasRung = false;
    },
  };
}

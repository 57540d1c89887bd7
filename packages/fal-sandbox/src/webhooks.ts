import { randomUUID } from 'node:crypto';
import { type Context, timeToTell } from './context.ts';
import type { FaultRule } from './faults.ts';
import type { Job } from './job.ts';
import { contradictingBody, webhookBody } from './webhook-body.ts';
import { createWebhookPost } from './webhook-post.ts';
import { isPrivateTarget } from './webhook-target.ts';

export interface Attempt {
  at: string;
  headers: Record<string, string>;
  /** HTTP status of the response; null with the reason in `error`. */
  status: number | null;
  error: string | null;
  duration_ms: number;
}

export interface Delivery {
  id: string;
  request_id: string;
  url: string;
  body: string;
  state: 'waiting' | 'delivered' | 'withheld' | 'dropped' | 'gave_up';
  faults: string[];
  attempts: Attempt[];
}

export interface Webhooks {
  list(): Delivery[];
  send: (job: Job) => void;
  /** Resolves when the first attempt for a job has ended, or none is due at once. */
  firstAttempt(job: Job): Promise<void>;
  redeliver(job: Job): Promise<void>;
  close(): Promise<void>;
}

const contradiction = 'contradiction';
const mostRetries = 31;
/** Growing gaps that fill an hour with 31 retries; fal's own are not documented. */
const gapSeconds = (retry: number): number => 5 * 1.15 ** (retry - 1);

/**
 * Delivers webhooks as fal does: any 2xx ends it, other responses and failures are retried with growing gaps until the
 * result's short retention ends, 3xx is final, private addresses are dropped (fal contract §2.3).
 */
export function createWebhooks(context: Context): Webhooks {
  const { clock, settings } = context;
  const deliveries: Delivery[] = [];
  const { post, close } = createWebhookPost(context);
  const firstAttempts = new Map<string, Promise<void>>();
  let heldBack: (() => void)[] = [];

  function send(job: Job, rules: readonly FaultRule[] = job.faults.webhook): Promise<void> {
    if (job.webhookUrl === null) return Promise.resolve();
    const find = (fault: string): FaultRule | undefined => rules.find((rule) => rule.fault === fault);
    const real = {
      ...newDelivery(job, job.webhookUrl, webhookBody(job, rules)),
      faults: rules.map(({ fault }) => fault),
    };
    const other = (): Delivery => ({
      ...newDelivery(job, real.url, contradictingBody(job)),
      faults: [contradiction],
    });
    deliveries.push(real);

    if (find('none')) {
      end(real, 'withheld');
      return Promise.resolve();
    }
    const duplicate = find('duplicate');
    for (let copy = 1; duplicate && copy < (duplicate.copies ?? 2); copy++) {
      const again = { ...newDelivery(job, real.url, real.body), faults: ['duplicate'] };
      deliveries.push(again);
      later((duplicate.seconds ?? 1) * copy, again, job, []);
    }
    const errorAfter = find('error_after');
    if (errorAfter) {
      const late = other();
      deliveries.push(late);
      later(errorAfter.seconds ?? 5, late, job, []);
    }
    const early = find('error_first');
    if (early) {
      const first = other();
      deliveries.push(first);
      later(early.seconds ?? 5, real, job, rules);
      return attempt(first, job, []);
    }
    const delayed = find('delayed');
    if (delayed) {
      later(delayed.seconds ?? 60, real, job, rules);
      return Promise.resolve();
    }
    const outOfOrder = find('out_of_order');
    if (outOfOrder) {
      holdBack(outOfOrder.seconds ?? 600, real, job, rules);
      return Promise.resolve();
    }
    return attempt(real, job, rules).then(releaseHeldBack);
  }

  function end(delivery: Delivery, state: Delivery['state']): void {
    delivery.state = state;
    if (!delivery.faults.includes(contradiction)) {
      context.journal.note({ kind: 'webhook_ended', id: delivery.request_id });
    }
  }

  function later(seconds: number, delivery: Delivery, job: Job, rules: readonly FaultRule[]): () => void {
    return clock.after(seconds, () => {
      void clock.track(attempt(delivery, job, rules), 'peer');
    });
  }

  /** Waits for another job's webhook to be sent first, up to a limit. */
  function holdBack(seconds: number, delivery: Delivery, job: Job, rules: readonly FaultRule[]): void {
    const takeBack = later(seconds, delivery, job, rules);
    heldBack.push(() => {
      takeBack();
      void clock.track(attempt(delivery, job, rules), 'peer');
    });
  }

  function releaseHeldBack(): void {
    const released = heldBack;
    heldBack = [];
    for (const release of released) release();
  }

  async function attempt(delivery: Delivery, job: Job, rules: readonly FaultRule[]): Promise<void> {
    const number = delivery.attempts.length + 1;
    const spoilers = rules.filter((rule) => number <= (rule.attempts ?? Number.POSITIVE_INFINITY));
    const { body, headers } = signed(context, job.id, delivery.body, spoilers);
    const started = performance.now();
    const entry: Attempt = { at: new Date().toISOString(), headers, status: null, error: null, duration_ms: 0 };
    delivery.attempts.push(entry);
    try {
      if (!context.allowPrivateWebhooks && (await isPrivateTarget(delivery.url))) {
        delivery.attempts.pop();
        end(delivery, 'dropped');
        return;
      }
      entry.status = await post(delivery.url, headers, body, number === 1 ? 15 : 120);
    } catch (error) {
      entry.error = error instanceof Error ? error.message : String(error);
    }
    entry.duration_ms = Math.round(performance.now() - started);
    if (entry.status !== null && entry.status < 300) end(delivery, 'delivered');
    else if (entry.status !== null && entry.status < 400) end(delivery, 'gave_up');
    else retry(delivery, job, rules);
  }

  function retry(delivery: Delivery, job: Job, rules: readonly FaultRule[]): void {
    const retries = delivery.attempts.length;
    const gap = gapSeconds(retries);
    const kept = delivery.body.length >= 10_000 ? settings.large_result_seconds : settings.result_seconds;
    const ends = (job.endedAt?.sandbox ?? clock.now()) + kept * 1000;
    if (retries > mostRetries || clock.now() + gap * 1000 > ends) end(delivery, 'gave_up');
    else later(gap, delivery, job, rules);
  }

  return {
    list: () => deliveries,
    send(job) {
      firstAttempts.set(job.id, clock.track(send(job), 'peer'));
    },
    firstAttempt: (job) => firstAttempts.get(job.id) ?? Promise.resolve(),
    redeliver: (job) => clock.track(send(job, []), 'peer'),
    close,
  };
}

function newDelivery(job: Job, url: string, body: string): Delivery {
  return { id: randomUUID(), request_id: job.id, url, body, state: 'waiting', faults: [], attempts: [] };
}

/** Body and headers of one attempt, freshly signed, with the faults applied. */
function signed(context: Context, requestId: string, rawBody: string, rules: readonly FaultRule[]) {
  const find = (fault: string): FaultRule | undefined => rules.find((rule) => rule.fault === fault);
  const now = timeToTell(context, { sandbox: context.clock.now(), wall: Date.now() }) / 1000;
  const [future, stale] = [find('future_timestamp'), find('stale_timestamp')];
  const timestamp = Math.floor(now + (future ? (future.seconds ?? 600) : 0) - (stale ? (stale.seconds ?? 600) : 0));
  const userId = find('foreign_signer') ? 'github|foreign-customer' : context.userId;
  const headers = context.signing.sign(
    { requestId, userId, timestamp, rawBody },
    find('wrong_key') ? 'unpublished' : 'current',
  );
  const body = find('tampered_body') ? rawBody.replace('"status": ', '"status":  ') : rawBody;
  return { body, headers };
}

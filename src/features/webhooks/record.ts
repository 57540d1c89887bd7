import { v7 as uuidv7 } from 'uuid';
import type { Context } from '../../context.ts';
import { isDeterministic } from '../../platform/db/faults.ts';
import { transact, type Tx } from '../../platform/db/transact.ts';
import type { DisabledReason } from '../../platform/db/schema.ts';
import { publish } from '../events/publish.ts';
import { type Claimed, type Delivery, failPending, insertAttempt, settleDelivery } from './delivery-store.ts';
import { gapAfter, waitAskedFor } from './retry.ts';
import type { Answer } from './sender.ts';
import { clearFailing, type Endpoint, lockEndpoint, noteFailing, updateEndpoint } from './store.ts';

type Needs = Pick<Context, 'config' | 'db' | 'log' | 'wakeups'>;
export type Upshot = 'delivered' | 'repeated later' | 'given up' | 'endpoint disabled';

/**
 * Records an attempt. Parts of a response that the database refuses are left out. A delivery whose attempts cannot be
 * recorded at all fails: at once when the cause is permanent, else when its time is over.
 * @returns undefined when the endpoint was deleted
 * @throws the error of a temporary failure of the database; the attempt is repeated
 */
export async function recordOrEnd(
  context: Needs,
  claimed: Claimed,
  answer: Answer,
  attemptedAt: Date,
): Promise<Upshot | undefined> {
  const { db, log } = context;
  const { id, attempts, give_up_at: giveUpAt } = claimed.delivery;
  try {
    return await recordAttempt(context, claimed, answer, attemptedAt).catch((error: unknown) => {
      if (!isDeterministic(error)) throw error;
      log.error({ err: error, delivery_id: id }, 'the database refuses the response of an endpoint, which is left out');
      const storable = { ...answer, body: null, error: answer.error && 'The error message cannot be stored.' };
      return recordAttempt(context, claimed, storable, attemptedAt);
    });
  } catch (error) {
    const now = new Date();
    if (!isDeterministic(error) && giveUpAt > now) throw error;
    log.error({ err: error, delivery_id: id }, 'an attempt cannot be recorded, and its delivery fails');
    await settleDelivery(db, id, attempts, ended(isSuccess(answer) ? 'delivered' : 'failed', now));
    return isSuccess(answer) ? 'delivered' : 'given up';
  }
}

function isSuccess({ status }: Answer): boolean {
  return status !== null && status >= 200 && status < 300;
}

/**
 * Records an attempt and its consequences in one transaction: delivered, retried later, or given up; an endpoint that
 * answers 410, or has failed for too long, is disabled.
 * @returns undefined when the endpoint was deleted
 */
async function recordAttempt(
  context: Needs,
  claimed: Claimed,
  answer: Answer,
  attemptedAt: Date,
): Promise<Upshot | undefined> {
  const { delivery, endpoint } = claimed;
  const isDelivered = isSuccess(answer);
  const now = new Date();
  const upshot = await transact(context, async (tx) => {
    // Lock order: the endpoint before its deliveries.
    const failing = isDelivered ? null : await lockEndpoint(tx, endpoint.id);
    if (isDelivered) await clearFailing(tx, endpoint.id);
    else if (!failing) return undefined;
    await insertAttempt(tx, attemptOf(delivery, answer, attemptedAt));
    if (!failing) {
      await settleDelivery(tx, delivery.id, delivery.attempts, ended('delivered', now));
      return 'delivered';
    }
    return noteFailure(tx, context.config.webhooks, { failing, delivery, answer, now });
  });
  if (upshot === 'endpoint disabled') {
    context.log.warn({ endpoint_id: endpoint.id }, 'a webhook endpoint was disabled');
  }
  return upshot;
}

function attemptOf(delivery: Delivery, answer: Answer, attemptedAt: Date) {
  return {
    id: uuidv7(),
    delivery_id: delivery.id,
    number: delivery.attempts,
    attempted_at: attemptedAt,
    latency_ms: answer.latencyMs,
    response_status: answer.status,
    response_body: answer.body,
    error: answer.error,
  };
}

type Failure = { failing: Endpoint; delivery: Delivery; answer: Answer; now: Date };

async function noteFailure(
  tx: Tx,
  settings: Context['config']['webhooks'],
  { failing, delivery, answer, now }: Failure,
): Promise<Upshot> {
  const failingSince = failing.failing_since ?? now;
  const reason = disablingReason(answer, failingSince, now, settings.disableAfterMs);
  if (failing.status === 'enabled' && reason) {
    await disable(tx, failing, reason, failingSince, now);
    return 'endpoint disabled';
  }
  const wait = waitAskedFor(answer.retryAfter, now, settings);
  await noteFailing(tx, failing.id, {
    failing_since: failingSince,
    ...(wait !== null && { paused_until: new Date(now.getTime() + wait) }),
  });
  const gap = Math.max(gapAfter(delivery.tries, settings, Math.random()), wait ?? 0);
  const next = new Date(now.getTime() + gap);
  const isOver = next > delivery.give_up_at;
  const changes = isOver ? ended('failed', now) : { status: 'pending' as const, next_attempt_at: next, ended_at: null };
  await settleDelivery(tx, delivery.id, delivery.attempts, changes);
  return isOver ? 'given up' : 'repeated later';
}

function disablingReason(
  { status }: Answer,
  failingSince: Date,
  now: Date,
  disableAfterMs: number,
): DisabledReason | null {
  if (status === 410) return 'gone';
  return now.getTime() - failingSince.getTime() >= disableAfterMs ? 'failing' : null;
}

async function disable(tx: Tx, { id }: Endpoint, reason: DisabledReason, failingSince: Date, now: Date): Promise<void> {
  await updateEndpoint(tx, id, { status: 'disabled', disabled_reason: reason, failing_since: failingSince });
  await failPending(tx, id, now);
  await publish(tx, {
    type: 'endpoint.disabled',
    data: { endpoint_id: id, reason, failing_since: failingSince.toISOString() },
  });
}

function ended(status: 'delivered' | 'failed', now: Date): Pick<Delivery, 'status' | 'next_attempt_at' | 'ended_at'> {
  return { status, next_attempt_at: null, ended_at: now };
}

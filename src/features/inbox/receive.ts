import type { IncomingHttpHeaders } from 'node:http';
import { v7 as uuidv7 } from 'uuid';
import type { Context } from '../../context.ts';
import { Problem } from '../../errors.ts';
import { topics } from '../../topics.ts';
import { readSignatureHeaders } from '../../fal/signature.ts';
import { isSignedRequest, readFalRequestId } from '../../fal/webhook-body.ts';
import { isTracing, traceparent } from '../../platform/trace/trace.ts';
import { findTraceparent } from '../../fal-jobs/store.ts';
import { readJobToken } from '../../fal-jobs/token.ts';
import { createInboxWriter } from './inbox-writer.ts';
import { columnsOf, findFalUserId, insertWebhooks, learnFalUserId } from './store.ts';

export type Verdict = 'kept' | 'foreign' | 'foreign_signer';
type Needs = Pick<Context, 'config' | 'db' | 'pool' | 'installation' | 'log' | 'signingKeys' | 'wakeups'>;
type Message = { headers: IncomingHttpHeaders; rawBody: Buffer; token: string };

/** The header that stores the trace context of the receipt in the inbox. */
export const traceHeader = 'traceparent';

const keptHeaders = [
  'content-type',
  'user-agent',
  'x-fal-webhook-request-id',
  'x-fal-webhook-user-id',
  'x-fal-webhook-timestamp',
  'x-fal-webhook-signature',
];

/**
 * Creates the receiver of fal's webhooks: an acknowledged webhook is durable, or not ours. Its content is processed
 * later (drain.ts).
 * @returns a function that returns the verdict and throws Problem 401 `invalid-signature` and 503 `no-signing-keys`
 */
export function createReceiver(context: Needs): (message: Message) => Promise<Verdict> {
  const { config, db, pool, installation, log, signingKeys, wakeups } = context;
  const keep = createInboxWriter(async (webhooks) => {
    await insertWebhooks(pool, webhooks);
    wakeups.wake(topics.inbox);
  });
  let ourUserId = config.fal.userId;

  async function isForeignSigner(userId: string): Promise<boolean> {
    ourUserId ??= await findFalUserId(db);
    if (ourUserId === null) {
      await learnFalUserId(db, userId);
      ourUserId = await findFalUserId(db);
    }
    return ourUserId !== userId;
  }

  return async ({ headers, rawBody, token }) => {
    const verdict = await signingKeys.verify({ headers, rawBody });
    if (verdict.kind === 'no_keys') throw noKeys();
    if (verdict.kind === 'rejected') throw invalidSignature(`the signature is ${verdict.reason.replace('_', ' ')}`);
    if (Math.abs(verdict.skewSeconds) > 60) {
      log.warn({ skew_seconds: verdict.skewSeconds }, 'the clocks of fal and this machine differ');
    }
    const falRequestId = readFalRequestId(rawBody);
    if (falRequestId !== null && !isSignedRequest(verdict.falRequestId, { falRequestId })) {
      throw invalidSignature('the signed request id is not the one in the body');
    }
    // fal signs for all its customers: without our token a webhook is another customer's.
    const submission = readJobToken(installation.secret, token);
    if (submission === null) return 'foreign';
    if (await isForeignSigner(verdict.userId)) {
      log.warn(
        { [`${submission.kind}_id`]: submission.jobId, fal_user_id: verdict.userId },
        'a webhook has our token and the id of another fal account; it was dropped, and polling continues',
      );
      return 'foreign_signer';
    }
    const receipt = traceparent();
    await keep({
      id: uuidv7(),
      received_at: new Date(),
      fal_request_id: verdict.falRequestId.slice(0, 255),
      ...columnsOf(submission),
      submission_id: submission.submissionId,
      headers: {
        ...Object.fromEntries(keptHeaders.flatMap((name) => (headers[name] ? [[name, String(headers[name])]] : []))),
        ...(receipt !== null && { [traceHeader]: receipt }),
      },
      body: rawBody,
    });
    return 'kept';
  };
}

/** Checks the headers of a webhook before its body is read. @throws Problem 401 `invalid-signature` */
export function refuseImplausible({ log }: Pick<Context, 'log'>, headers: IncomingHttpHeaders): void {
  const read = readSignatureHeaders(headers, new Date());
  if (read.ok) return;
  // The timestamp is checked before the signature, so anyone may have sent it; if all fail, our clock is wrong.
  if (read.reason === 'stale' || read.reason === 'future') {
    log.warn({ skew_seconds: read.skewSeconds }, 'a webhook was refused because of its timestamp: check the clock');
  }
  throw invalidSignature(`the signature is ${read.reason.replace('_', ' ')}`, { connection: 'close' });
}

/**
 * Finds the trace of the job that the token names. The webhook is not verified yet, so this is used for nothing
 * else.
 * @returns null when there is none
 */
export async function findTraceOf(
  { db, installation }: Pick<Context, 'db' | 'installation'>,
  token: string,
): Promise<string | null> {
  const submission = isTracing() ? readJobToken(installation.secret, token) : null;
  if (submission === null) return null;
  return findTraceparent(db, submission.kind, submission.jobId).catch(() => null);
}

function invalidSignature(why: string, headers: Record<string, string> = {}): Problem {
  return new Problem('invalid-signature', `The webhook was refused: ${why}.`, { headers });
}

function noKeys(): Problem {
  return new Problem('no-signing-keys', 'The keys for verifying webhooks are not available: deliver it again later.', {
    headers: { 'retry-after': '30' },
  });
}

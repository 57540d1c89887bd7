import { setTimeout } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { fieldsOf } from './apps.ts';
import { refuseWithoutKey } from './authorization.ts';
import { answerPlainFault, breakConnection, cutBody, lockedDetail, neverAnswer } from './connection-faults.ts';
import type { Context } from './context.ts';
import type { FaultRule } from './faults.ts';
import { type Job, splitEndpoint } from './job.ts';
import { type JsonObject, parseObject } from './json.ts';
import type { Queue } from './queue.ts';
import type { ReceivedSubmission, Submissions } from './submissions.ts';
import type { Webhooks } from './webhooks.ts';

/** Maximum real wait for a webhook that is sent before the response. */
const earlyWebhookMs = 5000;

export interface SubmitParts {
  context: Context;
  queue: Queue;
  submissions: Submissions;
  webhooks: Webhooks;
}

export interface SubmitRequest {
  Body: string | undefined;
  Querystring: { fal_webhook?: string; fal_max_queue_length?: string };
}

/** POST https://queue.fal.run/{endpoint}: accepts any JSON object; the runner validates it (fal contract §1.2). */
export async function submit(
  parts: SubmitParts,
  endpoint: string,
  request: FastifyRequest<SubmitRequest>,
  reply: FastifyReply,
) {
  const { context, submissions } = parts;
  const raw = request.body ?? '';
  const input = parseObject(raw);
  const webhookUrl = request.query.fal_webhook ?? null;
  const received = submissions.add({
    endpoint,
    body: raw,
    headers: keptHeaders(request),
    webhook_url: webhookUrl,
    input,
  });
  const rule = context.faults.draw('submit', { endpoint, text: raw })[0];
  if (rule) {
    received.outcome = rule.fault;
    if (answerBeforeJob(reply, rule)) return reply;
  }
  if (refuseWithoutKey(context, request, reply)) return reply;
  const app = splitEndpoint(endpoint)?.app;
  if (!app || !fieldsOf(app)) return reply.code(404).send({ detail: `Application '${app ?? endpoint}' not found` });
  if (!input) return reply.code(422).send({ detail: 'Request body must be a JSON object' });
  const longest = request.query.fal_max_queue_length;
  if (longest !== undefined && parts.queue.length() > Number(longest)) {
    return reply.code(429).send({ detail: 'Queue length exceeded', error_type: 'bad_request' });
  }
  const startTimeout = startTimeoutOf(request);
  if (startTimeout !== null && !(startTimeout > 0.1)) {
    return reply
      .code(400)
      .send({ detail: 'X-Fal-Request-Start-Timeout must be a number above 0.1', error_type: 'bad_request' });
  }
  const job = acceptJob(parts, { endpoint, raw, input, webhookUrl, startTimeout }, request, received);
  await deliverEarly(parts, job);
  return answerAfterJob(parts, reply, job, rule);
}

interface Wanted {
  endpoint: string;
  raw: string;
  input: JsonObject;
  webhookUrl: string | null;
  startTimeout: number | null;
}

function acceptJob(parts: SubmitParts, wanted: Wanted, request: FastifyRequest, received: ReceivedSubmission): Job {
  const job = parts.queue.accept({
    ...wanted,
    priority: request.headers['x-fal-queue-priority'] === 'low' ? 'low' : 'normal',
    storeIo: request.headers['x-fal-store-io'] !== '0',
    headers: received.headers,
  });
  received.request_id = job.id;
  if (received.outcome === 'refused') received.outcome = 'accepted';
  return job;
}

/** The fault of an early webhook: the job ends at once, and its first delivery is awaited before the response. */
async function deliverEarly(parts: SubmitParts, job: Job): Promise<void> {
  if (!job.faults.webhook.some(({ fault }) => fault === 'before_submit_answer')) return;
  await parts.queue.finishNow(job);
  // Limited, since the receiver may be waiting for this response.
  const limit = new AbortController();
  const longest = setTimeout(earlyWebhookMs, undefined, { signal: limit.signal }).catch(() => undefined);
  await Promise.race([parts.webhooks.firstAttempt(job), longest]);
  limit.abort();
}

function answerBeforeJob(reply: FastifyReply, rule: FaultRule): boolean {
  switch (rule.fault) {
    case 'unavailable_before':
      void reply.code(rule.status ?? 503).send({ detail: 'Service Unavailable' });
      return true;
    case 'reset_before':
      breakConnection(reply);
      return true;
    case 'timeout':
      if (rule.job === false) neverAnswer(reply);
      return rule.job === false;
    case 'forbidden':
      void reply.code(403).send({ detail: 'Access denied: the key lacks the scope for this endpoint' });
      return true;
    case 'locked':
      void reply.code(403).send({ detail: lockedDetail });
      return true;
    case 'not_found':
      void reply.code(404).send({ detail: 'Application not found' });
      return true;
    case 'answer':
      void reply.code(rule.status ?? 400).send(rule.body ?? { detail: rule.detail ?? 'Sandbox fault' });
      return true;
    default:
      return answerPlainFault(reply, rule);
  }
}

async function answerAfterJob(parts: SubmitParts, reply: FastifyReply, job: Job, rule: FaultRule | undefined) {
  const position = parts.queue.position(job);
  const body = { status: 'IN_QUEUE', request_id: job.id, queue_position: position, ...addressesOf(job) };
  switch (rule?.fault) {
    case 'unavailable_after':
      return reply.code(rule.status ?? 503).send({ detail: 'Service Unavailable' });
    case 'reset_after':
      breakConnection(reply);
      return reply;
    case 'cut_body':
      cutBody(reply, 200, JSON.stringify(body));
      return reply;
    case 'timeout':
      neverAnswer(reply);
      return reply;
    case 'slow':
      await new Promise<void>((resolve) => {
        parts.context.clock.after(rule.seconds ?? 30, resolve);
      });
      return reply.send(body);
    default:
      return reply.header('x-fal-request-id', job.id).send(body);
  }
}

/** The addresses omit the path below the app (fal contract §1.2). */
export function addressesOf(job: Job): { response_url: string; status_url: string; cancel_url: string } {
  const base = `https://queue.fal.run/${job.app}/requests/${job.id}`;
  return { response_url: base, status_url: `${base}/status`, cancel_url: `${base}/cancel` };
}

function startTimeoutOf(request: FastifyRequest): number | null {
  const text = request.headers['x-fal-request-start-timeout'] ?? request.headers['x-fal-request-timeout'];
  return typeof text === 'string' ? Number(text) : null;
}

/** Without the key. */
function keptHeaders(request: FastifyRequest): Record<string, string> {
  const kept = Object.entries(request.headers).filter(([name]) => name !== 'authorization');
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
}

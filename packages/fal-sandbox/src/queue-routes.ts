import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { refuseWithoutKey } from './authorization.ts';
import { answerPlainFault, cutBody } from './connection-faults.ts';
import { type Context, timeToTell } from './context.ts';
import { type Job, logSoFar, secondsBetween, splitEndpoint } from './job.ts';
import { compactJson, type Json } from './json.ts';
import { streamStatus } from './status-stream.ts';
import { addressesOf, submit, type SubmitParts, type SubmitRequest } from './submit-route.ts';

interface QueueRequest extends SubmitRequest {
  Params: { '*': string };
  Querystring: SubmitRequest['Querystring'] & { logs?: string };
}

type Verb = 'status' | 'stream' | 'result' | 'cancel';

/** Routes of https://queue.fal.run and its backup host (fal contract §1). */
export function registerQueue(app: FastifyInstance, parts: SubmitParts): void {
  for (const host of ['queue.fal.run', 'queue.falrun.com']) {
    app.post<QueueRequest>(`/${host}/*`, (request, reply) =>
      submit(parts, trimmed(request.params['*']), request, reply),
    );
    app.get<QueueRequest>(`/${host}/*`, (request, reply) =>
      answer(parts, request, reply, ['status', 'stream', 'result']),
    );
    app.put<QueueRequest>(`/${host}/*`, (request, reply) => answer(parts, request, reply, ['cancel']));
  }
}

const trimmed = (path: string): string => path.replace(/\/+$/, '');

async function answer(parts: SubmitParts, request: FastifyRequest<QueueRequest>, reply: FastifyReply, verbs: Verb[]) {
  if (refuseWithoutKey(parts.context, request, reply)) return reply;
  const address = readPath(trimmed(request.params['*']));
  if (!address || !verbs.includes(address.verb)) return reply.code(404).send({ detail: 'Not Found' });
  const job = parts.queue.get(address.id);
  if (!job || job.app !== address.app || job.state === 'VANISHED') return reply.code(404).send({ status: 'NOT_FOUND' });
  const withLogs = ['1', 'true'].includes(request.query.logs ?? '');
  const status = (): Json => statusBody(parts, job, withLogs);
  switch (address.verb) {
    case 'status':
      return answerStatus(parts, job, reply, status);
    case 'stream':
      return streamStatus(parts.context, job, reply, status);
    case 'result':
      return answerResult(parts, job, reply);
    default:
      return answerCancel(parts, job, reply);
  }
}

/**
 * Parses `owner/app[/path]/requests/{id}[/verb]`. The path is ignored, since it is unknown which form fal accepts (fal
 * contract §1.1).
 */
function readPath(path: string): { app: string; id: string; verb: Verb } | null {
  const found = /^(.+?)\/requests\/([^/]+)(?:\/(status\/stream|status|response|cancel))?$/.exec(path);
  const [, endpoint, id, tail] = found ?? [];
  const app = endpoint && splitEndpoint(endpoint)?.app;
  if (!app || !id) return null;
  if (tail === 'status' || tail === 'cancel') return { app, id, verb: tail };
  return { app, id, verb: tail === 'status/stream' ? 'stream' : 'result' };
}

function statusBody({ context, queue }: SubmitParts, job: Job, withLogs: boolean): Json {
  const common = { request_id: job.id, ...addressesOf(job) };
  if (job.state === 'IN_QUEUE') return { status: 'IN_QUEUE', queue_position: queue.position(job), ...common };
  const logs = withLogs ? logsOf(context, job) : null;
  if (!job.outcome || !job.endedAt) return { status: 'IN_PROGRESS', logs, ...common };
  const seconds = secondsBetween(job.startedAt, job.endedAt) ?? 0;
  const { status, error, error_type } = job.outcome;
  const text = context.settings.status_error === 'detail' ? error : `Invalid status code: ${status}`;
  const failed = error === null ? {} : { error: text, ...(error_type !== null && { error_type }) };
  return { status: 'COMPLETED', logs, metrics: { inference_time: seconds }, ...failed, ...common };
}

function logsOf(context: Context, job: Job): Json {
  return logSoFar(job, context.clock.now(), context.clock.speed()).map((line) => ({
    message: line.message,
    timestamp: new Date(timeToTell(context, line)).toISOString(),
    level: line.level,
    source: 'USER',
  }));
}

function answerStatus({ context }: SubmitParts, job: Job, reply: FastifyReply, status: () => Json): FastifyReply {
  const rule = context.faults.draw('status', { endpoint: job.endpoint, request_id: job.id, text: job.raw })[0];
  const code = job.state === 'COMPLETED' ? 200 : 202;
  if (rule?.fault === 'not_found') return reply.code(404).send({ status: 'NOT_FOUND' });
  if (rule?.fault === 'cut_body') {
    cutBody(reply, code, compactJson(status()));
    return reply;
  }
  if (rule && answerPlainFault(reply, rule)) return reply;
  return reply.code(code).header('x-fal-request-id', job.id).type('application/json').send(compactJson(status()));
}

function answerResult({ context, queue }: SubmitParts, job: Job, reply: FastifyReply): FastifyReply {
  if (!job.outcome) return reply.code(400).send({ detail: 'Request is still in progress' });
  const rule = context.faults.draw('result', { endpoint: job.endpoint, request_id: job.id, text: job.raw })[0];
  if (rule?.fault === 'expired' || !queue.resultKept(job)) return reply.code(404).send({ status: 'NOT_FOUND' });
  const body = compactJson(job.outcome.body);
  if (rule?.fault === 'cut_body') {
    cutBody(reply, job.outcome.status, body);
    return reply;
  }
  if (rule && answerPlainFault(reply, rule)) return reply;
  const headers = { 'x-fal-request-id': job.id, ...job.outcome.headers };
  return reply.code(job.outcome.status).headers(headers).type('application/json').send(body);
}

function answerCancel({ context, queue }: SubmitParts, job: Job, reply: FastifyReply): FastifyReply {
  const rule = context.faults.draw('cancel', { endpoint: job.endpoint, request_id: job.id, text: job.raw })[0];
  if (rule && answerPlainFault(reply, rule)) return reply;
  const chosen = rule?.fault;
  const mode =
    chosen === 'completes' || chosen === 'vanishes' || chosen === 'ignored' ? chosen : context.settings.cancel;
  switch (queue.cancel(job, mode)) {
    case 'unknown':
      return reply.code(404).send({ status: 'NOT_FOUND' });
    case 'already_completed':
      return reply.code(400).send({ status: 'ALREADY_COMPLETED' });
    case 'removed':
      if (context.settings.cancel_queued_answer === 200) return reply.code(200).send({ status: 'OK' });
      return reply.code(202).send({ status: 'CANCELLATION_REQUESTED' });
    default:
      return reply.code(202).send({ status: 'CANCELLATION_REQUESTED' });
  }
}

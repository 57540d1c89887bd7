import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { refuseWithoutKey } from './authorization.ts';
import { answerPlainFault, neverAnswer } from './connection-faults.ts';
import { type Context, timeToTell } from './context.ts';
import { type Job, type Moment, secondsBetween } from './job.ts';
import { compactJson, type Json, type JsonObject } from './json.ts';
import type { Queue } from './queue.ts';
import { models } from './models/index.ts';
import { trainers } from './trainers/index.ts';

/** https://api.fal.ai and the key set (fal contract §2.2, §7). */
export function registerPlatform(app: FastifyInstance, context: Context, queue: Queue): void {
  for (const host of ['rest.fal.ai', 'rest.alpha.fal.ai']) {
    app.get(`/${host}/.well-known/jwks.json`, (_request, reply) => answerKeys(context, reply));
  }
  app.get('/api.fal.ai/v1/meta', () => ({ webhook_ip_ranges: ['127.0.0.1/32', '::1/128'], sandbox: true }));
  app.get<{ Querystring: { endpoint_id?: string | string[] } }>('/api.fal.ai/v1/models/pricing', (request, reply) => {
    if (refuseWithoutKey(context, request, reply)) return reply;
    return reply.send(pricesOf(context, listed(request.query.endpoint_id)));
  });
  app.get<SearchRequest>('/api.fal.ai/v1/models/requests/by-endpoint', (request, reply) => {
    if (refuseWithoutKey(context, request, reply)) return reply;
    return search(context, queue, request, reply);
  });
}

function answerKeys(context: Context, reply: FastifyReply): FastifyReply {
  const rule = context.faults.draw('jwks')[0];
  if (rule?.fault === 'timeout') {
    neverAnswer(reply);
    return reply;
  }
  if (rule?.fault === 'empty') return reply.send({ keys: [] });
  if (rule?.fault === 'not_json') return reply.type('text/html').send('<html>Bad Gateway</html>');
  if (rule && answerPlainFault(reply, rule)) return reply;
  return reply.header('cache-control', 'public, max-age=86400').send(context.signing.jwks());
}

function pricesOf({ settings }: Context, endpoints: readonly string[]): Json {
  const known = [
    ...trainers.map(({ endpoint, usdPerStep }) => ({ endpoint, price: usdPerStep, unit: 'steps' })),
    ...models.map(({ endpoint }) => ({ endpoint, price: settings.megapixel_usd, unit: 'megapixels' })),
  ];
  const prices = known
    .filter(({ endpoint }) => endpoints.length === 0 || endpoints.includes(endpoint))
    .map(({ endpoint, price, unit }) => ({ endpoint_id: endpoint, unit_price: price, unit, currency: 'USD' }));
  return { prices, next_cursor: null, has_more: false };
}

interface SearchRequest {
  Querystring: {
    endpoint_id?: string | string[];
    start?: string;
    end?: string;
    status?: string;
    request_id?: string;
    expand?: string | string[];
    limit?: string;
    cursor?: string;
  };
}

/** Searches an account's requests: one page, latest end first, by cursor (fal contract §7). */
function search(
  context: Context,
  queue: Queue,
  request: FastifyRequest<SearchRequest>,
  reply: FastifyReply,
): FastifyReply {
  const { query } = request;
  const endpoints = listed(query.endpoint_id);
  const rule = context.faults.draw('search', { text: endpoints.join(',') })[0];
  if (rule && answerPlainFault(reply, rule)) return reply;
  if (context.settings.search === 'off')
    return refuse(reply, 403, 'authorization_error', 'The key may not list requests');
  if (endpoints.length === 0) return refuse(reply, 400, 'validation_error', 'endpoint_id is required');
  const limit = Number(query.limit ?? 50);
  const page = query.cursor ? Number(Buffer.from(query.cursor, 'base64').toString()) : 1;
  const now = timeToTell(context, { sandbox: context.clock.now(), wall: Date.now() });
  const start = query.start ? Date.parse(query.start) : now - (query.request_id ? 90 : 1) * 86_400_000;
  const end = query.end ? Date.parse(query.end) : Number.POSITIVE_INFINITY;
  if (!(limit >= 1 && limit <= 100) || !(page >= 1) || Number.isNaN(start) || Number.isNaN(end)) {
    return refuse(
      reply,
      400,
      'validation_error',
      'limit must be 1 to 100, start and end ISO 8601, cursor as it was given',
    );
  }
  const found = queue
    .list()
    .filter((job) => endpoints.includes(job.endpoint) && isListed(context, job))
    .filter((job) => !query.request_id || job.id === query.request_id)
    .filter((job) => !query.status || statusOf(job) === query.status)
    .filter(({ sentAt }) => timeToTell(context, sentAt) >= start && timeToTell(context, sentAt) < end)
    .sort((a, b) => (b.endedAt ?? b.sentAt).sandbox - (a.endedAt ?? a.sentAt).sandbox || b.order - a.order);
  const more = found.length > page * limit;
  const withPayloads = listed(query.expand).includes('payloads');
  const items = found.slice((page - 1) * limit, page * limit).map((job) => itemOf(context, job, withPayloads));
  const next_cursor = more ? Buffer.from(String(page + 1)).toString('base64') : null;
  return reply.type('application/json').send(compactJson({ items, next_cursor, has_more: more }));
}

/** Whether fal lists queued and running jobs is unknown (fal contract §9), so it is a setting. */
function isListed(context: Context, job: Job): boolean {
  const { search_lists: lists, search_delay_seconds: delay } = context.settings;
  const since = lists === 'ended' ? job.endedAt : lists === 'started' ? (job.startedAt ?? job.endedAt) : job.sentAt;
  return since !== null && job.state !== 'VANISHED' && since.sandbox + delay * 1000 <= context.clock.now();
}

function statusOf(job: Job): string | null {
  if (!job.outcome) return null;
  if (job.outcome.status < 400) return 'success';
  return job.outcome.status < 500 ? 'user_error' : 'error';
}

function itemOf(context: Context, job: Job, withPayloads: boolean): Json {
  const iso = (moment: Moment | null): string | null => moment && new Date(timeToTell(context, moment)).toISOString();
  return {
    request_id: job.id,
    endpoint_id: job.endpoint,
    started_at: iso(job.startedAt),
    sent_at: iso(job.sentAt),
    ended_at: iso(job.endedAt),
    status_code: job.outcome?.status ?? null,
    duration: secondsBetween(job.startedAt, job.endedAt),
    ...(withPayloads && payloadsOf(job)),
  };
}

/** What fal keeps of a request: nothing with X-Fal-Store-IO: 0, and not what was handed out as data URIs. */
function payloadsOf({ input, outcome, storeIo }: Job): JsonObject {
  if (!storeIo) return { json_input: null, json_output: null };
  return { json_input: input, json_output: input.sync_mode === true ? null : (outcome?.body ?? null) };
}

/** Splits a repeated or comma-separated parameter. */
function listed(value: string | string[] | undefined): string[] {
  return [value ?? []]
    .flat()
    .flatMap((part) => part.split(','))
    .filter((part) => part !== '');
}

function refuse(reply: FastifyReply, status: number, type: string, message: string): FastifyReply {
  return reply.code(status).send({ error: { type, message } });
}

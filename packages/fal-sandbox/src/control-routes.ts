import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { clockView, jobView, stateView, submissionsView } from './control-views.ts';
import { parseFaultRules } from './faults.ts';
import type { Job, Outcome } from './job.ts';
import { compactJson, isRecord, type Json } from './json.ts';
import { infrastructureOutcome, modelErrorOutcome } from './outcomes.ts';
import type { Sandbox } from './sandbox.ts';
import { parseSettings } from './settings.ts';

type Body = { Body: string | undefined };
type WithId = { Params: { id: string } };
type Filtered = { Querystring: { request_id?: string; state?: string; brief?: string } };

/** Routes under /_sandbox for tests in other processes; they mirror the in-process handle. */
export function registerControl(app: FastifyInstance, sandbox: Sandbox): void {
  app.get('/_sandbox/state', () => stateView(sandbox));
  registerFaultSwitches(app, sandbox);
  registerClockSwitches(app, sandbox);
  registerJobSwitches(app, sandbox);
  registerKeySwitches(app, sandbox);

  app.get<Filtered>('/_sandbox/submissions', ({ query }) => submissionsView(sandbox, query.brief === '1'));
  app.get<Filtered>('/_sandbox/webhooks', ({ query }) => ({
    deliveries: sandbox.webhooks
      .list()
      .filter((delivery) => query.request_id === undefined || delivery.request_id === query.request_id)
      .filter((delivery) => query.state === undefined || delivery.state === query.state),
  }));
  app.get('/_sandbox/loras', () => ({ loras: sandbox.loras.counts() }));
  app.get('/_sandbox/uploads', () => ({
    uploads: sandbox.files.uploads().map(({ file, multipart }) => ({ ...file, multipart, content: undefined })),
  }));
}

function registerFaultSwitches(app: FastifyInstance, { faults, settings }: Sandbox): void {
  const answer = () => ({ faults: faults.list() });
  app.get('/_sandbox/faults', answer);
  app.put<Body>('/_sandbox/faults', (request, reply) =>
    guarded(reply, () => faults.set(parseFaultRules(json(request))), answer),
  );
  app.post<Body>('/_sandbox/faults', (request, reply) =>
    guarded(reply, () => faults.add(...parseFaultRules(json(request))), answer),
  );
  app.delete('/_sandbox/faults', () => {
    faults.clear();
    return answer();
  });
  app.get('/_sandbox/settings', () => settings);
  app.patch<Body>('/_sandbox/settings', (request, reply) =>
    guarded(
      reply,
      () => Object.assign(settings, parseSettings(json(request))),
      () => settings,
    ),
  );
}

function registerClockSwitches(app: FastifyInstance, { clock }: Sandbox): void {
  const answer = () => clockView(clock);
  app.get('/_sandbox/clock', answer);
  app.patch<Body>('/_sandbox/clock', (request, reply) =>
    guarded(reply, () => clock.setSpeed(numberIn(request, 'speed')), answer),
  );
  app.post<Body>('/_sandbox/clock/advance', (request, reply) =>
    guarded(reply, () => clock.advance(numberIn(request, 'seconds')), answer),
  );
}

function registerKeySwitches(app: FastifyInstance, { signing, userId }: Sandbox): void {
  app.post<Body>('/_sandbox/keys/rotate', (request, reply) =>
    guarded(
      reply,
      () => {
        const { forget, publish } = objectIn(request);
        signing.rotate({ forget: forget === true, publish: publish !== false });
      },
      () => signing.jwks(),
    ),
  );
  app.post<Body>('/_sandbox/keys/sign', (request, reply) =>
    guardedAnswer(reply, () => {
      const { body, request_id: requestId, user_id: signer, timestamp, key } = objectIn(request);
      if (typeof body !== 'string' || typeof requestId !== 'string') {
        throw new Error('"body" (the raw text) and "request_id" must be strings');
      }
      const parts = {
        requestId,
        rawBody: body,
        userId: typeof signer === 'string' ? signer : userId,
        timestamp: typeof timestamp === 'number' ? timestamp : Math.floor(Date.now() / 1000),
      };
      return { headers: signing.sign(parts, key === 'old' || key === 'unpublished' ? key : 'current') };
    }),
  );
}

function registerJobSwitches(app: FastifyInstance, sandbox: Sandbox): void {
  const { queue, webhooks } = sandbox;
  app.get('/_sandbox/jobs', (_request, reply) => sendJson(reply, { jobs: queue.list().map(jobView) }));
  app.get<WithId>('/_sandbox/jobs/:id', (request, reply) => withJob(sandbox, request, reply, () => undefined));
  app.post<WithId & Body>('/_sandbox/jobs/:id/complete', (request, reply) =>
    withJob(sandbox, request, reply, (job) => queue.complete(job, outcomeIn(objectIn(request)))),
  );
  app.post<WithId>('/_sandbox/jobs/:id/redeliver', (request, reply) =>
    withJob(sandbox, request, reply, (job) => webhooks.redeliver(job)),
  );
}

/** Parses `{ "status": 422, "detail": [...] }` or `{ "error_type": "…" }`; undefined, success, for `{}`. */
function outcomeIn({ status, detail, error_type: type }: Record<string, unknown>): Outcome | undefined {
  const code = typeof status === 'number' ? status : undefined;
  if (typeof type === 'string') return infrastructureOutcome(type, typeof detail === 'string' ? detail : type, code);
  if (Array.isArray(detail) || typeof detail === 'string') return modelErrorOutcome(code ?? 422, detail);
  return undefined;
}

function json({ body }: FastifyRequest<Body>): unknown {
  return JSON.parse(body || '{}');
}

function objectIn(request: FastifyRequest<Body>): Record<string, unknown> {
  const value = json(request);
  if (!isRecord(value)) throw new Error('the body must be a JSON object');
  return value;
}

function numberIn(request: FastifyRequest<Body>, name: string): number {
  const value = objectIn(request)[name];
  if (typeof value !== 'number' || !(value >= 0)) throw new Error(`"${name}" must be a number of at least 0`);
  return value;
}

function guarded(reply: FastifyReply, act: () => unknown, answer: () => unknown): Promise<FastifyReply> {
  return guardedAnswer(reply, async () => {
    await act();
    return answer();
  });
}

/** Responds with the result of `act`, or 400 with its error message. */
async function guardedAnswer(reply: FastifyReply, act: () => unknown): Promise<FastifyReply> {
  try {
    return await reply.send(await act());
  } catch (error) {
    return reply.code(400).send({ error: error instanceof Error ? error.message : String(error) });
  }
}

async function withJob(
  sandbox: Sandbox,
  request: FastifyRequest<WithId>,
  reply: FastifyReply,
  act: (job: Job) => unknown,
): Promise<FastifyReply> {
  const job = sandbox.queue.get(request.params.id);
  if (!job) return reply.code(404).send({ error: `no job ${request.params.id}` });
  await act(job);
  return sendJson(reply, jobView(job));
}

function sendJson(reply: FastifyReply, value: Json): FastifyReply {
  return reply.type('application/json').send(compactJson(value));
}

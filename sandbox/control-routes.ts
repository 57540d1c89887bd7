import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { parseFaultRules } from './faults.ts';
import type { Job } from './job.ts';
import { compactJson, isRecord, type Json } from './json.ts';
import { infrastructureOutcome, modelErrorOutcome } from './outcomes.ts';
import type { Sandbox } from './sandbox.ts';
import { parseSettings } from './settings.ts';

type Body = { Body: string | undefined };
type WithId = { Params: { id: string } };

/** The switches under /_sandbox, for tests in other processes. They mirror the in-process handle. */
export function registerControl(app: FastifyInstance, sandbox: Sandbox): void {
  app.get('/_sandbox/state', () => stateOf(sandbox));

  app.get('/_sandbox/faults', () => ({ faults: sandbox.faults.list() }));
  app.put<Body>('/_sandbox/faults', (request, reply) =>
    guarded(
      reply,
      () => sandbox.faults.set(parseFaultRules(json(request))),
      () => ({ faults: sandbox.faults.list() }),
    ),
  );
  app.post<Body>('/_sandbox/faults', (request, reply) =>
    guarded(
      reply,
      () => sandbox.faults.add(...parseFaultRules(json(request))),
      () => ({ faults: sandbox.faults.list() }),
    ),
  );
  app.delete('/_sandbox/faults', () => {
    sandbox.faults.clear();
    return { faults: [] };
  });

  app.get('/_sandbox/settings', () => sandbox.settings);
  app.patch<Body>('/_sandbox/settings', (request, reply) =>
    guarded(
      reply,
      () => Object.assign(sandbox.settings, parseSettings(json(request))),
      () => sandbox.settings,
    ),
  );

  app.get('/_sandbox/clock', () => clockOf(sandbox));
  app.patch<Body>('/_sandbox/clock', (request, reply) =>
    guarded(
      reply,
      () => sandbox.clock.setSpeed(numberIn(request, 'speed')),
      () => clockOf(sandbox),
    ),
  );
  app.post<Body>('/_sandbox/clock/advance', (request, reply) =>
    guarded(
      reply,
      () => sandbox.clock.advance(numberIn(request, 'seconds')),
      () => clockOf(sandbox),
    ),
  );

  app.post<Body>('/_sandbox/keys/rotate', (request, reply) =>
    guarded(
      reply,
      () => {
        const options = json(request);
        sandbox.signing.rotate({ forget: options.forget === true, publish: options.publish !== false });
      },
      () => sandbox.signing.jwks(),
    ),
  );

  app.get('/_sandbox/jobs', (_request, reply) => sendJson(reply, { jobs: sandbox.queue.list().map(jobView) }));
  app.get<WithId>('/_sandbox/jobs/:id', (request, reply) => withJob(sandbox, request, reply, jobView));
  app.post<WithId & Body>('/_sandbox/jobs/:id/complete', (request, reply) =>
    withJob(sandbox, request, reply, async (job) => {
      await sandbox.queue.complete(job, outcomeIn(json(request)));
      return jobView(job);
    }),
  );
  app.post<WithId>('/_sandbox/jobs/:id/redeliver', (request, reply) =>
    withJob(sandbox, request, reply, async (job) => {
      await sandbox.webhooks.redeliver(job);
      return jobView(job);
    }),
  );

  app.get('/_sandbox/submissions', () => submissionsOf(sandbox));
  app.get('/_sandbox/webhooks', () => ({ deliveries: sandbox.webhooks.list() }));
  app.get('/_sandbox/uploads', () => ({
    uploads: sandbox.files.uploads().map(({ file }) => ({ ...file, content: undefined })),
  }));
}

function stateOf(sandbox: Sandbox) {
  const jobs: Record<string, number> = {};
  for (const { state } of sandbox.queue.list()) jobs[state] = (jobs[state] ?? 0) + 1;
  const webhooks: Record<string, number> = {};
  for (const { state } of sandbox.webhooks.list()) webhooks[state] = (webhooks[state] ?? 0) + 1;
  const { settings, faults } = sandbox;
  return {
    sandbox: true,
    clock: clockOf(sandbox),
    jobs,
    webhooks,
    submissions: sandbox.submissions.list().length,
    settings,
    faults: faults.list(),
  };
}

function clockOf({ clock }: Sandbox) {
  return { now: new Date(clock.now()).toISOString(), speed: clock.speed() };
}

function submissionsOf({ submissions }: Sandbox) {
  const list = submissions.list();
  const jobs = list.filter(({ request_id: id }) => id !== null).length;
  return { posts: list.length, jobs, by_archive: submissions.byArchive(), submissions: list };
}

/** A job without its plan, which is no data. */
function jobView({ plan: _plan, ...job }: Job): Json {
  const view: unknown = { ...job, sentAt: job.sentAt, outcome: job.outcome };
  // Job holds only JSON values apart from the plan.
  return view as Json;
}

/** The outcome named in a body: `{ "status": 422, "detail": [...] }`, `{ "error_type": "…" }`, or nothing for success. */
function outcomeIn(body: Record<string, unknown>) {
  const { status, detail, error_type: type } = body;
  const code = typeof status === 'number' ? status : undefined;
  if (typeof type === 'string') return infrastructureOutcome(type, typeof detail === 'string' ? detail : type, code);
  if (Array.isArray(detail) || typeof detail === 'string') return modelErrorOutcome(code ?? 422, detail);
  return undefined;
}

function json(request: FastifyRequest<Body>): Record<string, unknown> {
  const value: unknown = JSON.parse(request.body || '{}');
  return isRecord(value) ? value : { faults: value };
}

function numberIn(request: FastifyRequest<Body>, name: string): number {
  const value = json(request)[name];
  if (typeof value !== 'number' || !(value >= 0)) throw new Error(`"${name}" must be a number of at least 0`);
  return value;
}

/** Runs a switch and answers with what it led to; a switch that throws is answered 400 with its sentence. */
async function guarded(reply: FastifyReply, act: () => unknown, answer: () => unknown): Promise<FastifyReply> {
  try {
    await act();
  } catch (error) {
    return reply.code(400).send({ error: error instanceof Error ? error.message : String(error) });
  }
  return reply.send(answer());
}

async function withJob(
  sandbox: Sandbox,
  request: FastifyRequest<WithId>,
  reply: FastifyReply,
  act: (job: Job) => Json | Promise<Json>,
): Promise<FastifyReply> {
  const job = sandbox.queue.get(request.params.id);
  if (!job) return reply.code(404).send({ error: `no job ${request.params.id}` });
  return sendJson(reply, await act(job));
}

function sendJson(reply: FastifyReply, value: Json): FastifyReply {
  return reply.type('application/json').send(compactJson(value));
}

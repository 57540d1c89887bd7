import fc from 'fast-check';
import t from 'tap';
import { startTraining } from '../src/trainings/start.ts';
import { startApp } from './support/app.ts';
import { arrangeAvatar } from './support/arrange.ts';
import { odd, valuesOf } from './support/arbitrary.ts';
import { keyWith, tokenFor } from './support/callers.ts';
import { describedApi, type Operation } from './support/contract.ts';

/* Requests made from the schemas, whole and broken. FUZZ_REQUESTS says how many; FUZZ_SEED repeats a run. */

const requests = Number(process.env['FUZZ_REQUESTS'] ?? 500);
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);

const service = await startApp(t, {
  environment: { EVENT_STREAM_HEARTBEAT_SECONDS: '1', RATE_LIMIT_PER_USER_PER_MINUTE: '100000' },
});
const { app, call, url, makeUser, makeAvatar } = service;
const { operations } = describedApi(app);

/** Ids of everything there is at first; what a request deletes is missing from then on, which is a case too. */
async function arrange(): Promise<string[]> {
  const { userId, avatarId, photoIds } = await arrangeAvatar(app, { photos: 4, trainingType: 'style' });
  const training = await startTraining(app, avatarId, { steps: 20 });
  const user = await makeUser();
  const avatar = await makeAvatar({ user_id: user.id });
  const endpoint = await call('POST', '/v1/webhook-endpoints', { json: { url: 'https://bot.example.com/hooks' } });
  const key = await call('POST', '/v1/keys', { json: { name: 'spare', scopes: ['avatars:read'] } });
  return [userId, avatarId, ...photoIds.slice(0, 1), training.id, user.id, avatar.id, endpoint.body.id, key.body.id];
}

const known = await arrange();
const callers = [
  await keyWith(service, ['admin']),
  await keyWith(service, ['avatars:read', 'events:read']),
  await tokenFor(service, known[0] ?? ''),
  'Bearer lk_nobody',
];
const id = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...known) }, fc.uuid());

type Sent = { method: string; path: string; headers: Record<string, string>; body?: string };

/** A request to an operation: as it is described, and in one of two cases with something odd about it. */
function requestOf(operation: Operation): fc.Arbitrary<Sent> {
  const parameter = ({ schema }: Operation['parameters'][number]) =>
    fc.oneof({ weight: 4, arbitrary: valuesOf(schema, id) }, odd).map(asText);
  const inPlace = (place: string) => operation.parameters.filter((one) => one.in === place);
  const parts = (place: string, requiredOnly: boolean) =>
    fc.record(Object.fromEntries(inPlace(place).map((one) => [one.name, parameter(one)])), {
      ...(requiredOnly && { requiredKeys: inPlace(place).flatMap(({ name, required }) => (required ? [name] : [])) }),
    });
  const schema = operation.requestBody?.content['application/json']?.schema;
  const whole = schema ? valuesOf(schema, id) : fc.constant(undefined);
  const body = fc.oneof(
    { weight: 4, arbitrary: whole.map((value) => (value === undefined ? undefined : JSON.stringify(value))) },
    fc
      .tuple(whole, fc.string({ maxLength: 8 }), odd)
      .map(([value, name, other]) => JSON.stringify({ ...(value as object), [name]: other })),
    odd.map((value) => JSON.stringify(value)),
    fc.string({ maxLength: 30 }),
  );
  const headers = fc.record({
    authorization: fc.oneof({ weight: 6, arbitrary: fc.constant(callers[0] ?? '') }, fc.constantFrom(...callers)),
    'content-type': fc.oneof(
      { weight: 8, arbitrary: fc.constant('application/json') },
      fc.constantFrom(
        'text/plain',
        'application/merge-patch+json',
        'multipart/form-data; boundary=x',
        'application/xml',
      ),
    ),
    'idempotency-key': fc.constantFrom('', 'one', '"two"', 'three'),
    'if-match': fc.constantFrom('', '*', '"x"', 'x'),
  });
  return fc.tuple(parts('path', false), parts('query', true), headers, body).map(([path, query, given, text]) => {
    const filled = operation.path.replaceAll(/\{(\w+)\}/g, (_all, name: string) =>
      encodeURIComponent(path[name] ?? ''),
    );
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, value);
    const wanted = Object.entries(given).filter(
      ([name, value]) => value !== '' && (text !== undefined || name !== 'content-type'),
    );
    return {
      method: operation.method,
      path: `${filled}${search.size > 0 ? `?${search.toString()}` : ''}`,
      headers: Object.fromEntries(wanted),
      ...(operation.method !== 'GET' && text !== undefined && { body: text }),
    };
  });
}

// What a URL can't hold is no request.
function asText(value: unknown): string {
  const text = typeof value === 'string' ? value : Array.isArray(value) ? value.join(',') : JSON.stringify(value);
  return text.toWellFormed();
}

t.test(`${requests} requests find no 5xx and no undocumented status (seed ${seed})`, async (t) => {
  const statuses = new Map<number, number>();
  // Probes of the process itself are asked elsewhere, and metrics grow with every request.
  const tried = operations.filter(({ operationId }) => !['getMetrics', 'getReadiness'].includes(operationId));
  const any = fc.constantFrom(...tried).chain((operation) => requestOf(operation).map((sent) => ({ operation, sent })));
  await fc.assert(
    fc.asyncProperty(any, async ({ operation, sent }) => {
      const ends = new AbortController();
      const { path, ...init } = sent;
      const answer = await fetch(url + path, { ...init, redirect: 'manual', signal: ends.signal });
      const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream');
      const text = isStream ? '' : await answer.text();
      if (isStream) ends.abort();
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      const isOtherPath = answer.status === 404 && text.includes('There is no route');
      const isDocumented = String(answer.status) in operation.responses || isOtherPath;
      if (answer.status >= 500 || !isDocumented) throw new Error(`${answer.status} ${text.slice(0, 500)}`);
    }),
    { numRuns: requests, seed, endOnFailure: true },
  );
  t.ok((statuses.get(200) ?? 0) > requests / 20, `some succeed: ${JSON.stringify([...statuses])}`);
  t.ok((statuses.get(400) ?? 0) > requests / 20, 'and some are broken');
});

import fc from 'fast-check';
import { startTraining } from '../../src/features/trainings/start.ts';
import { startApp, type TestApp } from './app.ts';
import { odd, unreadable, valuesOf } from './arbitrary.ts';
import { arrangeAvatar } from './arrange.ts';
import { keyWith, tokenFor } from './callers.ts';
import { describedApi, type Operation } from './contract.ts';
import type { Scope } from './postgres.ts';

type Sent = { method: string; path: string; headers: Record<string, string>; body?: string | Uint8Array<ArrayBuffer> };
type Answer = { status: number; text: string; retryAfter: string | null };

/** What came of it: how often each status was answered, and what was wrong with the first answer that was. */
export type Fuzzed = { statuses: Record<number, number>; operations: number; fault: string | null };

/** Starts a service whose limits are out of the way of a fuzz. */
export function startFuzzed(scope: Scope): Promise<TestApp> {
  return startApp(scope, {
    environment: { EVENT_STREAM_HEARTBEAT_SECONDS: '1', RATE_LIMIT_PER_USER_PER_MINUTE: '100000' },
  });
}

/**
 * Sends requests that are made from the schemas of all operations, whole and broken, to things arranged for them. It ends
 * at the first answer that is a 5xx or has a status that is not documented.
 * @param seed repeats the choices of another run
 */
export async function fuzz(service: TestApp, { requests, seed }: { requests: number; seed: number }): Promise<Fuzzed> {
  const statuses: Record<number, number> = {};
  const known = await arrange(service);
  const callers = await callersOf(service, known);
  // Probes of the process itself are asked elsewhere, and metrics grow with every request.
  const tried = describedApi(service.app).operations.filter(
    ({ operationId }) => !['getMetrics', 'getReadiness'].includes(operationId),
  );
  const reached = new Set<string>();
  const any = fc
    .constantFrom(...tried)
    .chain((operation) => requestOf(operation, { known, callers }).map((sent) => ({ operation, sent })));
  const details = await fc.check(
    fc.asyncProperty(any, async ({ operation, sent }) => {
      const answer = await send(service.url, sent);
      const { status, text } = answer;
      statuses[status] = (statuses[status] ?? 0) + 1;
      reached.add(operation.operationId);
      if (!isExpected(operation, answer)) throw new Error(`${status} ${text.slice(0, 500)}`);
    }),
    { numRuns: requests, seed, endOnFailure: true },
  );
  return { statuses, operations: reached.size, fault: details.failed ? faultOf(details) : null };
}

/** Ids of everything there is at first; what a request deletes is missing from then on, which is a case too. */
async function arrange({ app, call, makeUser, makeAvatar }: TestApp): Promise<string[]> {
  const { userId, avatarId, photoIds } = await arrangeAvatar(app, { photos: 4, trainingType: 'style' });
  const training = await startTraining(app, avatarId, { steps: 20 });
  const user = await makeUser();
  const avatar = await makeAvatar({ user_id: user.id });
  const endpoint = await call('POST', '/v1/webhook-endpoints', { json: { url: 'https://bot.example.com/hooks' } });
  const key = await call('POST', '/v1/keys', { json: { name: 'spare', scopes: ['avatars:read'] } });
  return [userId, avatarId, ...photoIds.slice(0, 1), training.id, user.id, avatar.id, endpoint.body.id, key.body.id];
}

async function callersOf(service: TestApp, known: string[]): Promise<string[]> {
  return [
    await keyWith(service, ['admin']),
    await keyWith(service, ['avatars:read', 'events:read']),
    await tokenFor(service, known[0] ?? ''),
    'Bearer lk_nobody',
  ];
}

function faultOf({ counterexample, errorInstance }: fc.RunDetails<[{ operation: Operation; sent: Sent }]>): string {
  const [{ operation, sent } = { operation: undefined, sent: undefined }] = counterexample ?? [];
  return `${operation?.operationId} ${JSON.stringify(sent)}: ${String(errorInstance)}`;
}

/** No fault of the service, and nothing that its description does not know: what is away says so, and until when. */
function isExpected({ responses }: Operation, { status, text, retryAfter }: Answer): boolean {
  // Of another path, or refused by the server before there is a route.
  if (status === 405 || status === 431 || (status === 404 && text.includes('There is no route'))) return true;
  if (!(String(status) in responses)) return false;
  return (
    status < 500 || (status === 503 && retryAfter !== null && JSON.stringify(responses[503]).includes(codeIn(text)))
  );
}

function codeIn(text: string): string {
  return (JSON.parse(text) as { code: string }).code;
}

/** Sends a request, and again when the service has more to do than it can, as a client does. */
async function send(url: string, sent: Sent): Promise<Answer> {
  for (;;) {
    const answer = await sendOnce(url, sent);
    if (answer.status !== 503 || !answer.text.includes('"code":"overloaded"')) return answer;
  }
}

async function sendOnce(url: string, { path, ...init }: Sent): Promise<Answer> {
  const ends = new AbortController();
  const answer = await fetch(url + path, { ...init, redirect: 'manual', signal: ends.signal });
  const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream');
  const text = isStream ? '' : await answer.text();
  if (isStream) ends.abort();
  return { status: answer.status, text, retryAfter: answer.headers.get('retry-after') };
}

/** A request to an operation: as it is described, and in one of two cases with something odd about it. */
function requestOf(
  operation: Operation,
  { known, callers }: { known: string[]; callers: string[] },
): fc.Arbitrary<Sent> {
  const id = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...known) }, fc.uuid());
  const parameter = ({ schema }: Operation['parameters'][number]) =>
    fc.oneof({ weight: 4, arbitrary: valuesOf(schema, id) }, odd).map(asText);
  const inPlace = (place: string) => operation.parameters.filter((one) => one.in === place);
  const parts = (place: string, requiredOnly: boolean) =>
    fc.record(Object.fromEntries(inPlace(place).map((one) => [one.name, parameter(one)])), {
      ...(requiredOnly && { requiredKeys: inPlace(place).flatMap(({ name, required }) => (required ? [name] : [])) }),
    });
  return fc
    .tuple(parts('path', false), parts('query', true), headersOf(callers), bodyOf(operation, id))
    .map(([path, query, given, text]) => {
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

function bodyOf({ requestBody }: Operation, id: fc.Arbitrary<string>): fc.Arbitrary<Sent['body']> {
  const schema = requestBody?.content['application/json']?.schema;
  const whole = schema ? valuesOf(schema, id) : fc.constant(undefined);
  return fc.oneof(
    { weight: 4, arbitrary: whole.map((value) => (value === undefined ? undefined : JSON.stringify(value))) },
    fc
      .tuple(whole, fc.string({ maxLength: 8 }), odd)
      .map(([value, name, other]) => JSON.stringify({ ...(value as object), [name]: other })),
    odd.map((value) => JSON.stringify(value)),
    fc.string({ maxLength: 30 }),
    unreadable,
  );
}

function headersOf(callers: string[]): fc.Arbitrary<Record<string, string>> {
  return fc.record({
    authorization: fc.oneof({ weight: 6, arbitrary: fc.constant(callers[0] ?? '') }, fc.constantFrom(...callers)),
    'content-type': fc.oneof(
      { weight: 8, arbitrary: fc.constant('application/json') },
      fc.constantFrom(
        'text/plain',
        'application/merge-patch+json',
        'multipart/form-data; boundary=x',
        'application/xml',
        'application/json; charset=utf-16',
        'application/json; charset="',
      ),
    ),
    'idempotency-key': fc.constantFrom('', 'one', '"two"', 'three'),
    'if-match': fc.constantFrom('', '*', '"x"', 'x', 'W/"x"', '"'.repeat(500)),
    'if-none-match': fc.constantFrom('', '', '', '*', '"x"'),
    'content-encoding': fc.oneof({ weight: 12, arbitrary: fc.constant('') }, fc.constantFrom('identity', 'gzip')),
    range: fc.constantFrom('', '', '', 'bytes=0-1', 'bytes=-0', 'bytes=999999-', 'x'),
  });
}

// What a URL can't hold is no request.
function asText(value: unknown): string {
  const text = typeof value === 'string' ? value : Array.isArray(value) ? value.join(',') : JSON.stringify(value);
  return text.toWellFormed();
}

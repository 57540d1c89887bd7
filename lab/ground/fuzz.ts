import fc from 'fast-check';
import { odd, unreadable, valuesOf } from './arbitrary.ts';
import { createClient } from './calls.ts';
import { type Description, type Document, faultsOf, type Operation, readDescription } from './description.ts';
import { jpeg } from './pictures.ts';

type Sent = { method: string; path: string; headers: Record<string, string>; body?: string | Uint8Array<ArrayBuffer> };
type Answer = { status: number; headers: Headers; text: string };

/** A service, by a key that may do everything. */
export type Fuzzed = { url: string; key: string };

/** The number of responses by status, and the first fault. */
export type Found = { statuses: Record<number, number>; operations: number; fault: string | null };

/** Settings of a service whose limits are out of the way of a fuzz. */
export const fuzzedSettings = {
  EVENT_STREAM_HEARTBEAT_SECONDS: '1',
  EVENT_STREAMS_PER_CALLER: '100000',
  OVERLOAD_DELAY_SECONDS: '0',
  RATE_LIMIT_PER_MINUTE: '100000000',
  RATE_LIMIT_PER_USER_PER_MINUTE: '100000',
};

/**
 * Sends valid and broken requests generated from the schemas of all operations. Stops at the first response that is a
 * 5xx or deviates from openapi.json.
 * @param seed repeats an earlier run
 */
export async function fuzz(service: Fuzzed, { requests, seed }: { requests: number; seed: number }): Promise<Found> {
  const statuses: Record<number, number> = {};
  const { known, callers } = await arrange(service);
  const api = readDescription((await (await fetch(`${service.url}/openapi.json`)).json()) as Document);
  // Readiness has its own tests, and metrics grow with every request.
  const tried = api.operations.filter(({ operationId }) => !['getMetrics', 'getReadiness'].includes(operationId));
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
      const faults = faultsOfAnswer(api, sent, answer);
      if (faults.length > 0) throw new Error(`${status}: ${faults.join('; ')}: ${text.slice(0, 500)}`);
    }),
    { numRuns: requests, seed, endOnFailure: true },
  );
  return { statuses, operations: reached.size, fault: details.failed ? faultOf(details) : null };
}

/** The ids of all initial resources; those that a request deletes are a case too. */
async function arrange({ url, key }: Fuzzed): Promise<{ known: string[]; callers: string[] }> {
  const client = createClient(url, key);
  const make = async (path: string, json: unknown) => {
    const { status, body } = await client.insist('POST', path, json);
    if (status >= 300) throw new Error(`POST ${path} was answered ${status}: ${JSON.stringify(body)}`);
    return body;
  };
  try {
    const named = { name: 'Ada', gender: 'female', training_type: 'style' };
    const [user, spare] = [
      await make('/v1/users', { external_id: crypto.randomUUID() }),
      await make('/v1/users', { external_id: crypto.randomUUID() }),
    ];
    const [avatar, draft] = [
      await make('/v1/avatars', { ...named, user_id: user.id }),
      await make('/v1/avatars', { ...named, user_id: spare.id }),
    ];
    const photo = await addPhotos({ url, key }, avatar.id);
    const training = await make(`/v1/avatars/${avatar.id}/trainings`, { steps: 20 });
    const endpoint = await make('/v1/webhook-endpoints', { url: 'https://bot.example.com/hooks' });
    const keys = { spare: ['avatars:read'], reader: ['avatars:read', 'events:read'] };
    const [unused, reader] = [
      await make('/v1/keys', { name: 'spare', scopes: keys.spare }),
      await make('/v1/keys', { name: 'reader', scopes: keys.reader }),
    ];
    const token = await make(`/v1/users/${user.id}/tokens`, {});
    return {
      known: [user.id, avatar.id, photo, training.id, spare.id, draft.id, endpoint.id, unused.id],
      callers: [key, reader.key, token.token, 'lk_nobody'].map((credential) => `Bearer ${credential}`),
    };
  } finally {
    await client.close();
  }
}

/** @returns the id of one of the photos */
async function addPhotos({ url, key }: Fuzzed, avatarId: string): Promise<string> {
  const form = new FormData();
  for (const name of ['a', 'b', 'c', 'd']) {
    form.append('photos', new Blob([new Uint8Array(await jpeg())], { type: 'image/jpeg' }), `${name}.jpg`);
  }
  const headers = { authorization: `Bearer ${key}` };
  const answer = await fetch(`${url}/v1/avatars/${avatarId}/photos`, { method: 'POST', headers, body: form });
  const body = (await answer.json()) as { accepted?: { id: string }[] };
  const id = body.accepted?.[0]?.id;
  if (id === undefined) throw new Error(`photos were answered ${answer.status}: ${JSON.stringify(body)}`);
  return id;
}

function faultOf({ counterexample, errorInstance }: fc.RunDetails<[{ operation: Operation; sent: Sent }]>): string {
  const [{ operation, sent } = { operation: undefined, sent: undefined }] = counterexample ?? [];
  return `${operation?.operationId} ${JSON.stringify(sent)}: ${String(errorInstance)}`;
}

/** Not a fault: documented, and if unavailable, with Retry-After. */
function isExpected({ responses }: Operation, { status, text, headers }: Answer): boolean {
  const retryAfter = headers.get('retry-after');
  // No route, or refused by the server before routing.
  if (status === 405 || status === 431 || (status === 404 && text.includes('There is no route'))) return true;
  if (!(String(status) in responses)) return false;
  return (
    status < 500 || (status === 503 && retryAfter !== null && JSON.stringify(responses[503]).includes(codeIn(text)))
  );
}

function codeIn(text: string): string {
  return (JSON.parse(text) as { code: string }).code;
}

function faultsOfAnswer(api: Description, { method, path, headers: given, body = '' }: Sent, answer: Answer): string[] {
  const { status, headers, text } = answer;
  // Node itself refuses headers beyond its limit, without a body of ours.
  if (status === 431 || headers.get('content-type')?.startsWith('text/event-stream')) return [];
  const sent = typeof body === 'string' ? body : Buffer.from(body).toString();
  const sentType = given['content-type'] ?? '';
  const header = (name: string) => headers.get(name) ?? '';
  return faultsOf(api, { method, url: path, sent, sentType, status, header, body: text });
}

/** Sends a request, and retries when the service is overloaded, as a client does. */
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
  return { status: answer.status, headers: answer.headers, text };
}

/** A request to an operation: as described, or, half of the time, with an odd value. */
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
        // A client resolves segments of dots, and would call another path (RFC 3986, 5.2.4).
        encodeURIComponent(path[name] ?? '').replace(/^\.{1,2}$/, '$&~'),
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

// Some values cannot be written in a URL.
function asText(value: unknown): string {
  const text = typeof value === 'string' ? value : Array.isArray(value) ? value.join(',') : JSON.stringify(value);
  return text.toWellFormed();
}

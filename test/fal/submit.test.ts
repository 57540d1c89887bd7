import { createServer } from 'node:net';
import { t } from '../support/tap.ts';
import type { SubmitOutcome } from '../../src/fal/outcomes.ts';
import { type Answering, createWire, falAt, json, text } from './support/wire.ts';

const endpoint = 'fal-ai/flux-lora-portrait-trainer';
const input = { images_data_url: 'https://v3.fal.media/files/a/one.zip', steps: 1000 };
const options = { webhookUrl: 'https://likeness.test/webhooks/fal?t=a b', startTimeoutSeconds: 600 };
const jsonType = { 'content-type': 'application/json' };

const resetAfterRead: Answering = (response) => response.socket?.resetAndDestroy();
const closeAfterRead: Answering = (response) => response.socket?.destroy();
const never: Answering = () => {};
const cut: Answering = (response) => {
  response.writeHead(200, { ...jsonType, 'content-length': '200' });
  response.write('{"status":"IN_QUEUE","request_id":"r', () => response.socket?.destroy());
};
const cutChunks: Answering = (response) => {
  response.writeHead(200, jsonType);
  response.write('{"status":"IN_QUEUE","request_id":"r', () => response.socket?.resetAndDestroy());
};
const hangsInBody: Answering = (response) => {
  response.writeHead(200, jsonType);
  response.write('{"status":');
};

type Case = { name: string; answer: Answering; kind: SubmitOutcome['kind']; reason?: RegExp; timeoutMs?: number };

const cases: Case[] = [
  { name: 'accepted', answer: json(200, { status: 'IN_QUEUE', request_id: 'r-1' }), kind: 'accepted' },
  ...[400, 401, 402, 403, 404, 409, 413, 422, 429].map((status) => ({
    name: `${status}`,
    answer: json(status, { detail: 'no' }),
    kind: 'refused' as const,
  })),
  { name: '404 without JSON', answer: text(404, 'nothing here'), kind: 'refused' },
  { name: '500 with detail', answer: json(500, { detail: 'Internal Server Error' }), kind: 'refused' },
  { name: '500 without detail', answer: json(500, { message: 'oops' }), kind: 'unknown', reason: /500/ },
  { name: '500 without JSON', answer: text(500, 'oops'), kind: 'unknown', reason: /500/ },
  ...[408, 499, 502, 503, 504].map((status) => ({
    name: `${status}`,
    answer: json(status, { detail: 'later', error_type: 'runner_scheduling_failure' }),
    kind: 'unknown' as const,
    reason: new RegExp(`${status}`),
  })),
  { name: 'a redirect', answer: text(307, '', { location: '/elsewhere' }), kind: 'unknown', reason: /307/ },
  { name: 'reset after the request was read', answer: resetAfterRead, kind: 'unknown', reason: /ECONNRESET/ },
  { name: 'closed after the request was read', answer: closeAfterRead, kind: 'unknown', reason: /connection failed/ },
  { name: 'cut by content-length', answer: cut, kind: 'unknown', reason: /status 200 was cut/ },
  { name: 'cut within chunks', answer: cutChunks, kind: 'unknown', reason: /status 200 was cut/ },
  { name: 'no answer', answer: never, kind: 'unknown', reason: /within 300 ms/, timeoutMs: 300 },
  { name: 'half an answer', answer: hangsInBody, kind: 'unknown', reason: /within 300 ms/, timeoutMs: 300 },
  { name: '200 with garbage', answer: text(200, '<html>', jsonType), kind: 'unknown', reason: /without a request id/ },
  { name: '200 with half of JSON', answer: text(200, '{"request_id":', jsonType), kind: 'unknown' },
  { name: '200 with nothing', answer: text(200, '', jsonType), kind: 'unknown' },
  { name: '204', answer: text(204, ''), kind: 'unknown' },
  { name: '200 without an id', answer: json(200, { status: 'IN_QUEUE' }), kind: 'unknown' },
  { name: '200 with an id that is a path', answer: json(200, { request_id: '../x' }), kind: 'unknown' },
  { name: '200 with an id that is a number', answer: json(200, { request_id: 7 }), kind: 'unknown' },
];

for (const { name, answer, kind, reason, timeoutMs = 5_000 } of cases) {
  await t.test(`exactly one POST, and ${kind}: ${name}`, async (t) => {
    const wire = await createWire(t);
    wire.answerWith(answer);
    const outcome = await falAt(wire, { timeoutMs }).submit(endpoint, input, options);
    t.equal(outcome.kind, kind);
    if (outcome.kind === 'unknown') {
      t.equal(outcome.sent, true);
      if (reason !== undefined) t.match(outcome.reason, reason);
    }
    t.equal(wire.seen.length, 1);
    t.equal(wire.seen[0]?.method, 'POST');
  });
}

await t.test('sends what the contract says', async (t) => {
  const wire = await createWire(t);
  const raw = '{"status": "IN_QUEUE", "request_id": "r-1", "gateway_request_id": "g-1"}';
  wire.answerWith(text(200, raw, jsonType));
  const outcome = await falAt(wire).submit('fal-ai/flux-2-trainer/edit', input, {
    ...options,
    tags: { a: '1', b: '2' },
  });
  t.same(outcome, { kind: 'accepted', falRequestId: 'r-1', gatewayRequestId: 'g-1', raw });
  const [post] = wire.seen;
  const query = new URLSearchParams({ fal_webhook: options.webhookUrl }).toString();
  t.equal(post?.path, `/queue.fal.run/fal-ai/flux-2-trainer/edit?${query}`);
  t.equal(post?.body, JSON.stringify(input));
  t.match(post?.headers, {
    authorization: 'Key kid:secret',
    'content-type': 'application/json',
    'x-fal-request-timeout': '600',
    'x-fal-request-start-timeout': '600',
    'x-fal-queue-priority': 'normal',
    'x-fal-tags': 'a=1,b=2',
    connection: 'close',
  });
});

await t.test('sends nothing, and says so, when there is nothing to send to', async (t) => {
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const address = closed.address();
  const port = typeof address === 'object' ? address?.port : 0;
  await new Promise((resolve) => closed.close(resolve));
  const wire = await createWire(t);
  const fal = falAt(wire, { baseUrl: `http://127.0.0.1:${port}` });
  t.match(await fal.submit(endpoint, input, options), { kind: 'unknown', reason: /ECONNREFUSED/, sent: false });
  const unnamed = falAt(wire, { baseUrl: 'http://nowhere.invalid' });
  t.match(await unnamed.submit(endpoint, input, options), { kind: 'unknown', sent: false });
});

await t.test('refuses, with no POST at all, what cannot be sent', async (t) => {
  const wire = await createWire(t);
  const fal = falAt(wire);
  const refused = { kind: 'refused', failure: { status: null, account: null } };
  t.match(await fal.submit('no-slash', input, options), refused);
  t.match(await fal.submit(endpoint, input, { ...options, startTimeoutSeconds: 1 }), refused);
  t.match(await fal.submit(endpoint, { seed: 1n }, options), refused);
  t.match(await fal.submit(endpoint, input, { ...options, tags: { a: 'b\nc' } }), refused);
  t.equal(wire.seen.length, 0);
});

await t.test('given up by the caller', async (t) => {
  const wire = await createWire(t);
  const fal = falAt(wire);
  const before = await fal.submit(endpoint, input, { ...options, signal: AbortSignal.abort() });
  t.match(before, { kind: 'unknown', sent: false });
  t.equal(wire.seen.length, 0);
  const controller = new AbortController();
  wire.answerWith(() => controller.abort());
  const during = await fal.submit(endpoint, input, { ...options, signal: controller.signal });
  t.match(during, { kind: 'unknown', reason: /given up/, sent: true });
  t.equal(wire.seen.length, 1);
});

await t.test('two submissions at once are two POSTs', async (t) => {
  const wire = await createWire(t);
  wire.answerWith((response, { body }) => {
    const requestId = body === '{"steps":1}' ? 'r-1' : 'r-2';
    response.writeHead(200, jsonType).end(JSON.stringify({ request_id: requestId }));
  });
  const fal = falAt(wire);
  const outcomes = await Promise.all([1, 2].map((steps) => fal.submit(endpoint, { steps }, options)));
  t.same(
    outcomes.map((outcome) => outcome.kind === 'accepted' && outcome.falRequestId),
    ['r-1', 'r-2'],
  );
});

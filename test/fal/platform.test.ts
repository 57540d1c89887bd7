import { t } from '../support/tap.ts';
import { createSigner } from './support/signing.ts';
import { createWire, falAt, json, text } from './support/wire.ts';

const endpoint = 'fal-ai/flux-lora-portrait-trainer';
const start = new Date('2026-11-22T12:00:00Z');
const query = { start, end: new Date('2026-11-22T13:00:00Z'), cursor: 'page-2' };

await t.test('the request search', async (t) => {
  const wire = await createWire(t);
  const fal = falAt(wire);
  const item = {
    request_id: 'r-1',
    endpoint_id: endpoint,
    sent_at: '2026-11-22T12:00:01Z',
    started_at: '2026-11-22T12:00:02.5Z',
    ended_at: null,
    status_code: 200,
    json_input: { images_data_url: 'https://v3.fal.media/a.zip', steps: 10 },
  };
  const bare = { request_id: 'r-2', started_at: 'soon', status_code: 'x', json_input: 'y' };
  const items = [item, bare, { request_id: '../r' }, null, 'text'];
  wire.answerWith(json(200, { items, next_cursor: 'page-3', has_more: true }));
  const none = { sentAt: null, startedAt: null, endedAt: null, statusCode: null, input: null };
  t.same(await fal.findRequests(endpoint, query), {
    items: [
      {
        falRequestId: 'r-1',
        endpoint,
        sentAt: new Date(item.sent_at),
        startedAt: new Date(item.started_at),
        endedAt: null,
        statusCode: 200,
        input: item.json_input,
      },
      { ...none, falRequestId: 'r-2', endpoint },
    ],
    nextCursor: 'page-3',
  });
  const url = new URL(wire.seen[0]?.path ?? '', wire.baseUrl);
  t.equal(url.pathname, '/api.fal.ai/v1/models/requests/by-endpoint');
  t.same(Object.fromEntries(url.searchParams), {
    endpoint_id: endpoint,
    start: '2026-11-22T12:00:00.000Z',
    end: '2026-11-22T13:00:00.000Z',
    expand: 'payloads',
    limit: '100',
    cursor: 'page-2',
  });
  t.equal(wire.seen[0]?.headers.authorization, 'Key kid:secret');

  wire.answerWith(json(200, { items: [], next_cursor: 'x', has_more: false }));
  t.same(await fal.findRequests(endpoint, { start }), { items: [], nextCursor: null });
  wire.answerWith(json(200, { items: [], next_cursor: null }));
  t.same(await fal.findRequests(endpoint, { start }), { items: [], nextCursor: null });
});

await t.test('a search without an answer', async (t) => {
  const wire = await createWire(t);
  const fal = falAt(wire);
  const search = () => fal.findRequests(endpoint, { start });
  wire.answerWith(json(200, { requests: [] }));
  await t.rejects(search(), { name: 'FalError', code: 'invalid_answer' });
  wire.answerWith(text(200, '<html>'));
  await t.rejects(search(), { code: 'invalid_answer' });
  wire.answerWith(json(403, { error: { type: 'authorization_error', message: 'Admin key needed' } }));
  const failure = { errorType: 'authorization_error', message: 'Admin key needed', account: 'unauthorized' };
  await t.rejects(search(), { code: 'refused', failure, message: 'fal answered 403: Admin key needed' });
  for (const status of [500, 503, 408, 302]) {
    wire.answerWith(json(status, {}));
    await t.rejects(search(), { code: 'unavailable' }, `${status}`);
  }
  wire.answerWith((response) => response.socket?.destroy());
  await t.rejects(search(), { code: 'unavailable' });
  await t.rejects(fal.findRequests(endpoint, { start }, AbortSignal.abort()), { code: 'aborted' });
});

await t.test('the signing keys', async (t) => {
  const wire = await createWire(t);
  const fal = falAt(wire);
  const { key } = createSigner();
  wire.answerWith(json(200, { keys: [{ kty: 'RSA' }, { kty: 'OKP', crv: 'Ed25519', x: key.x }] }));
  t.same(await fal.fetchSigningKeys(), [key]);
  t.equal(wire.seen[0]?.path, '/rest.fal.ai/.well-known/jwks.json');
  t.equal(wire.seen[0]?.headers.authorization, undefined);
  wire.answerWith(json(200, { keys: [] }));
  await t.rejects(fal.fetchSigningKeys(), { code: 'invalid_answer' });
  wire.answerWith(json(500, {}));
  await t.rejects(fal.fetchSigningKeys(), { code: 'unavailable' });
});

await t.test('an answer without end is given up', async (t) => {
  const wire = await createWire(t);
  const part = Buffer.alloc(1024 * 1024, 0x20);
  wire.answerWith((response) => {
    response.writeHead(200);
    const more = () => void (response.destroyed || response.write(part, () => setImmediate(more)));
    more();
  });
  await t.rejects(falAt(wire).fetchSigningKeys(), { code: 'unavailable', message: /status 200 was cut/ });
});

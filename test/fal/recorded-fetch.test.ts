import { createFalClient } from '@fal-ai/client';
import { t } from '../support/tap.ts';
import type { Exchange } from '../../src/fal/fetch.ts';
import { recordFetch } from '../../src/fal/recorded-fetch.ts';

const endpoint = 'fal-ai/flux-lora-portrait-trainer';
const broken: Exchange = { kind: 'broken', why: 'failed', reason: 'The connection failed (ECONNRESET).', sent: true };

function answered(status: number, text = '{}'): Exchange {
  return {
    kind: 'answered',
    status,
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    text,
  };
}

/** A fetch over answers that are given, and what was sent through it. */
function recorded(exchange: Exchange, maxRequests?: number) {
  const sent: string[] = [];
  const options = maxRequests === undefined ? {} : { maxRequests };
  const send = async ({ method }: { method: string }) => {
    sent.push(method);
    return exchange;
  };
  return { ...recordFetch({ send, timeoutMs: 1000, ...options }), sent };
}

await t.test("nothing that goes wrong makes fal's client repeat a request", async (t) => {
  for (const exchange of [broken, ...[302, 408, 429, 500, 502, 503, 504].map((status) => answered(status))]) {
    const call = recorded(exchange);
    const client = createFalClient({ credentials: 'a:b', fetch: call.fetch });
    await t.rejects(client.queue.submit(endpoint, { input: { images_data_url: 'x' } }), { name: 'CallEnded' });
    await t.rejects(client.queue.status(endpoint, { requestId: 'r' }), { name: 'CallEnded' });
    await t.rejects(client.queue.result(endpoint, { requestId: 'r' }), { name: 'CallEnded' });
    await t.rejects(client.queue.cancel(endpoint, { requestId: 'r' }), { name: 'CallEnded' });
    t.same(call.sent, ['POST', 'GET', 'GET', 'PUT']);
    t.equal(call.last(), exchange);
  }
});

await t.test('requests beyond the limit are not sent, whatever asks for them', async (t) => {
  const call = recorded(answered(200), 1);
  t.equal(await (await call.fetch('https://queue.fal.run/a/b', { method: 'POST', body: '{}' })).text(), '{}');
  await t.rejects(call.fetch('https://queue.fal.run/a/b', { method: 'POST', body: '{}' }), { name: 'CallEnded' });
  t.same(call.sent, ['POST']);
});

await t.test('the answer that the client reads is decoded already', async (t) => {
  const response = await recorded(answered(200)).fetch('https://queue.fal.run/a/b');
  t.equal(response.headers.get('content-encoding'), null);
  t.equal(response.headers.get('content-type'), 'application/json');
  t.equal((await recorded(answered(204, '')).fetch('https://queue.fal.run/a/b')).status, 204);
});

await t.test('a body that cannot be counted on is not sent', async (t) => {
  const call = recorded(answered(200));
  await t.rejects(call.fetch('https://x.fal.ai', { method: 'POST', body: new URLSearchParams() }), {
    name: 'CallEnded',
  });
  t.same(call.sent, []);
  t.equal(call.last(), null);
});

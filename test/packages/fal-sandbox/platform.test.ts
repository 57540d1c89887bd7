import { t } from '../../support/tap.ts';
import { call, fast, photoZip, portrait, startSandbox, turbo, upload } from './support.ts';

const search = `https://api.fal.ai/v1/models/requests/by-endpoint?endpoint_id=${encodeURIComponent(portrait)}`;

t.test('the request search finds a job by the archive it was sent', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const archive = await upload(fal, await photoZip(4));
  const input = { images_data_url: archive, steps: 60 };
  const { request_id: id } = await fal.queue.submit(portrait, { input });
  t.strictSame(
    (await call(sandbox, search)).body,
    { items: [], next_cursor: null, has_more: false },
    'not while it waits',
  );
  sandbox.settings.search_lists = 'all';
  t.match((await call(sandbox, search)).body, { items: [{ request_id: id, started_at: null, ended_at: null }] });
  sandbox.settings.search_lists = 'started';
  t.strictSame((await call(sandbox, search)).body.items, []);
  await sandbox.clock.advance(5);
  t.match((await call(sandbox, search)).body, { items: [{ request_id: id, started_at: String, status_code: null }] });
  sandbox.settings.search_lists = 'ended';
  await sandbox.clock.advance(60);
  const { body } = await call(
    sandbox,
    `${search}&expand=payloads&start=${new Date(Date.now() - 60_000).toISOString()}`,
  );
  t.match(body, {
    items: [{ request_id: id, endpoint_id: portrait, status_code: 200, duration: Number, json_input: input }],
  });
  t.match(body, { items: [{ json_output: { diffusers_lora_file: { url: String } } }] });
  t.strictSame((await call(sandbox, `${search}&end=2020-01-01`)).body.items, []);
  t.strictSame((await call(sandbox, `${search}&status=error`)).body.items, []);
  sandbox.settings.search_delay_seconds = 300;
  t.strictSame((await call(sandbox, search)).body.items, [], 'it may lag behind');
});

t.test('it is paged, latest end first, and takes several endpoints', async (t) => {
  const { sandbox, fal } = await startSandbox(t);
  const ids: string[] = [];
  for (const endpoint of [portrait, fast, portrait]) {
    ids.unshift((await fal.queue.submit(endpoint, { input: { images_data_url: 'x' } })).request_id);
    await sandbox.clock.advance(20);
  }
  const page = async (cursor: string) => {
    const { body } = await call(sandbox, `${search},${encodeURIComponent(fast)}&limit=2${cursor}`);
    const { items, next_cursor: next } = body;
    return { ids: Array.isArray(items) ? items.map((item: { request_id: string }) => item.request_id) : [], next };
  };
  const first = await page('');
  t.strictSame(first.ids, ids.slice(0, 2));
  const second = await page(`&cursor=${String(first.next)}`);
  t.strictSame(second, { ids: ids.slice(2), next: null });
});

t.test('bad questions, no key, and the search turned off', async (t) => {
  const { sandbox } = await startSandbox(t);
  t.equal((await sandbox.fetch(search)).status, 401);
  const base = search.split('?')[0] ?? '';
  t.match(await call(sandbox, base), { status: 400, body: { error: { type: 'validation_error' } } });
  t.equal((await call(sandbox, `${search}&limit=101`)).status, 400);
  t.equal((await call(sandbox, `${search}&start=yesterday`)).status, 400);
  sandbox.settings.search = 'off';
  t.match(await call(sandbox, search), { status: 403, body: { error: { type: 'authorization_error' } } });
  sandbox.faults.add({ on: 'search', fault: 'rate_limited' });
  t.equal((await call(sandbox, search)).status, 429);
});

t.test('prices and meta', async (t) => {
  const { sandbox } = await startSandbox(t);
  const { body } = await call(sandbox, `https://api.fal.ai/v1/models/pricing?endpoint_id=${encodeURIComponent(turbo)}`);
  t.match(body, { prices: [{ endpoint_id: turbo, unit_price: 0.0024, currency: 'USD' }] });
  const meta = await sandbox.fetch('https://api.fal.ai/v1/meta');
  t.match(await meta.json(), { webhook_ip_ranges: ['127.0.0.1/32', '::1/128'], sandbox: true });
});

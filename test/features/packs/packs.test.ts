import { once } from 'node:events';
import { connect } from 'node:net';
import { t } from '../../support/tap.ts';
import { startApp } from '../../support/app.ts';
import { keyWith, tokenFor } from '../../support/callers.ts';

const item = (name: string, more: object = {}) => ({ name, prompt: `{subject} as ${name}`, ...more });
const pack = (more: object = {}) => ({ title: 'Portraits', items: [item('window'), item('park')], ...more });

const service = await startApp(t);
const { call, makeUser } = service;

t.test('a pack is created, read, replaced and deleted, by its name', async (t) => {
  const made = await call('PUT', '/v1/packs/first', {
    json: {
      title: ' First ',
      items: [item('one', { num_images: 3, aspect_ratio: '3:4', preset: 'fast' }), item('two')],
    },
  });
  t.equal(made.status, 201);
  t.match(made.body, { name: 'first', title: 'First', description: '', public: false, num_items: 2, num_images: 4 });
  t.same(made.body.items[0], {
    name: 'one',
    prompt: '{subject} as one',
    num_images: 3,
    aspect_ratio: '3:4',
    preset: 'fast',
  });
  const read = await call('GET', '/v1/packs/first');
  t.same(read.body, made.body);
  const etag = read.headers.get('etag') ?? '';
  t.equal(made.headers.get('etag'), etag);
  t.equal((await call('GET', '/v1/packs/first', { headers: { 'if-none-match': etag } })).status, 304);
  const same = await call('PUT', '/v1/packs/first', { json: { title: 'First', items: made.body.items } });
  t.match([same.status, same.body], [200, made.body], 'the same once more changes nothing');
  const replaced = await call('PUT', '/v1/packs/first', { json: pack(), headers: { 'if-match': etag } });
  t.equal(replaced.status, 200);
  t.same(
    replaced.body.items.map(({ name }: { name: string }) => name),
    ['window', 'park'],
  );
  const stale = { headers: { 'if-match': etag } };
  t.match((await call('PUT', '/v1/packs/first', { json: pack(), ...stale })).body, { code: 'precondition-failed' });
  t.match((await call('DELETE', '/v1/packs/first', stale)).body, { code: 'precondition-failed' });
  t.equal((await call('DELETE', '/v1/packs/first')).status, 204);
  t.match((await call('GET', '/v1/packs/first')).body, { status: 404, code: 'not-found' });
  t.match((await call('DELETE', '/v1/packs/first')).body, { status: 404, code: 'not-found' });
});

t.test('If-None-Match: * creates and never replaces, If-Match never creates', async (t) => {
  const create = { json: pack(), headers: { 'if-none-match': '*' } };
  t.match((await call('PUT', '/v1/packs/once', { json: pack(), headers: { 'if-match': '*' } })).status, 412);
  const answers = await Promise.all([1, 2, 3, 4].map(() => call('PUT', '/v1/packs/once', create)));
  t.same(answers.map(({ status }) => String(status)).sort(), ['201', '412', '412', '412']);
  const strict = await startApp(t, { environment: { REQUIRE_IF_MATCH: 'true' } });
  t.equal((await strict.call('PUT', '/v1/packs/once', { json: pack() })).status, 428);
  t.equal((await strict.call('PUT', '/v1/packs/once', create)).status, 201);
  t.equal((await strict.call('PUT', '/v1/packs/once', create)).status, 412);
  t.equal((await strict.call('DELETE', '/v1/packs/once', { headers: { 'if-none-match': '*' } })).status, 428);
});

t.test('what is wrong with a pack is named, every item of it, and nothing is written', async (t) => {
  const faults: [body: object, status: number, code: string, fields: string[], detail: RegExp][] = [
    [pack({ items: [] }), 400, 'invalid-request', ['/items'], /at least 1 entry/],
    [pack({ title: ' ' }), 400, 'invalid-request', ['/title'], /besides spaces/],
    [pack({ items: [item('Two words')] }), 400, 'invalid-request', ['/items/0/name'], /a to z, digits and hyphens/],
    [pack({ items: [item('a', { num_images: 5 })] }), 400, 'invalid-request', ['/items/0/num_images'], /4 or less/],
    [pack({ items: [item('a', { seed: 1 })] }), 400, 'invalid-request', ['/items/0/seed'], /not a member/],
    [pack({ items: [item('a'), item('b'), item('a')] }), 422, 'invalid-setting', ['/items/2/name'], /a is the name/],
    [
      pack({ items: Array.from({ length: 26 }, (_, index) => item(`a${index}`, { num_images: 4 })) }),
      422,
      'invalid-setting',
      ['/items'],
      /104 images together, and 100/,
    ],
    [
      pack({ items: [item('a', { prompt: '{hat}' }), item('b'), item('c', { prompt: 'in {city}' })] }),
      422,
      'prompt-placeholder',
      ['/items/0/prompt', '/items/2/prompt'],
      /a: The prompt has the unknown placeholder \{hat\}/,
    ],
    [
      pack({ items: [item('a', { prompt: 'x'.repeat(2001) })] }),
      422,
      'prompt-too-long',
      ['/items/0/prompt'],
      /2001 characters/,
    ],
    [pack({ items: [item('a', { prompt: 'a\nb' })] }), 422, 'invalid-setting', ['/items/0/prompt'], /U\+000A/],
  ];
  for (const [json, status, code, fields, detail] of faults) {
    const { body } = await call('PUT', '/v1/packs/faulty', { json });
    t.match(body, { status, code, detail });
    t.same(
      body.errors.map(({ field }: { field: string }) => field),
      fields,
    );
  }
  t.equal((await call('PUT', '/v1/packs/Not%20a%20name', { json: pack() })).status, 400);
  t.equal((await call('GET', '/v1/packs/faulty')).status, 404);
});

t.test('packs are listed by name, page by page, and user tokens see the public ones alone', async (t) => {
  const own = await startApp(t);
  for (const [index, name] of ['d', 'b', 'c', 'a'].entries()) {
    await own.call('PUT', `/v1/packs/${name}`, { json: pack({ public: index % 2 === 0 }) });
  }
  const token = { headers: { authorization: await tokenFor(own, (await own.makeUser()).id) } };
  const names = async (query: string, more = {}) => {
    const { body } = await own.call('GET', `/v1/packs${query}`, more);
    return { names: body.data.map(({ name }: { name: string }) => name).join(''), body };
  };
  const first = await names('?limit=3');
  t.equal(first.names, 'abc');
  t.match(first.body.data[0], { num_items: 2, num_images: 2 });
  t.notOk('items' in first.body.data[0], 'prompts are not in lists');
  const cursor = `?limit=3&cursor=${first.body.next_cursor}`;
  t.equal((await names(cursor)).names, 'd');
  t.equal((await names('', token)).names, 'cd');
  t.match((await own.call('GET', `/v1/packs${cursor}`, token)).body, { code: 'invalid-cursor' });
  t.equal((await own.call('GET', '/v1/packs/c', token)).body.items[0].prompt, '{subject} as window');
  const hidden = await own.call('GET', '/v1/packs/a', token);
  const none = await own.call('GET', '/v1/packs/z', token);
  t.equal(hidden.status, 404);
  t.same({ ...hidden.body, request_id: '' }, { ...none.body, request_id: '' }, 'as if there were none');
});

t.test('only keys with the scope admin write packs', async (t) => {
  const weak = await keyWith(service, ['avatars:read', 'avatars:write', 'trainings:write', 'events:read']);
  const token = await tokenFor(service, (await makeUser()).id);
  for (const [authorization, code] of [
    [weak, 'missing-scope'],
    [token, 'key-needed'],
  ] as const) {
    const headers = { authorization };
    t.match((await call('PUT', '/v1/packs/theirs', { json: pack(), headers })).body, { status: 403, code });
    t.match((await call('DELETE', '/v1/packs/once', { headers })).body, { status: 403, code });
  }
  t.equal((await call('GET', '/v1/packs/theirs')).status, 404);
  t.equal((await call('GET', '/v1/packs/once', { headers: { authorization: weak } })).status, 200);
});

t.test('a pack has up to 512 KB, which are read after the key alone', async (t) => {
  const long = (count: number) =>
    pack({ items: Array.from({ length: count }, (_, index) => item(`a${index}`, { prompt: 'é'.repeat(2000) })) });
  const large = await call('PUT', '/v1/packs/large', { json: long(100) });
  t.equal(large.status, 201, '400 KB');
  const bytes = Buffer.alloc(512 * 1024 + 1, ' ');
  bytes.write(JSON.stringify(long(100)));
  const headers = { 'content-type': 'application/json' };
  t.equal((await call('PUT', '/v1/packs/larger', { body: bytes.subarray(0, -1), headers })).status, 201, '512 KB');
  t.match((await call('PUT', '/v1/packs/larger', { body: bytes, headers })).body, {
    status: 413,
    code: 'payload-too-large',
  });
  const other = await call('POST', '/v1/users', { body: bytes.subarray(0, 70_000), headers });
  t.equal(other.status, 413, 'other routes take as much as before');
  t.match(await beginning(t, 'lk_unknown', 500_000), /^HTTP\/1\.1 401 /, 'before the body is there');
  t.match(await beginning(t, service.key, 600_000), /^HTTP\/1\.1 413 /);
});

/** What is answered to the first bytes of a body. */
async function beginning(t: { teardown(end: () => unknown): void }, key: string, length: number): Promise<string> {
  const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
  t.teardown(async () => void socket.destroy());
  socket.on('error', () => undefined);
  const head = [
    'PUT /v1/packs/larger HTTP/1.1',
    'host: x',
    `authorization: Bearer ${key}`,
    'content-type: application/json',
    `content-length: ${length}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n{"title":`);
  const [chunk] = await once(socket, 'data');
  return String(chunk);
}

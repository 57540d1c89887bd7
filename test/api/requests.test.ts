import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { t } from '../support/tap.ts';
import { startApp } from '../support/app.ts';
import { tokenFor } from '../support/callers.ts';
import { describedApi } from '../support/contract.ts';

const service = await startApp(t, {
  environment: { RATE_LIMIT_PER_MINUTE: '100000', RATE_LIMIT_PER_USER_PER_MINUTE: '100000' },
});
const { call, url, app } = service;
const user = await service.makeUser();
const avatar = await service.makeAvatar({ user_id: user.id });

const json = { 'content-type': 'application/json' };
const post = (path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  call('POST', path, { body, headers: { ...json, ...headers } });
const size = (value: unknown) => JSON.stringify(value).length;

t.test('a body that JSON can’t say is 400, and tells why', async (t) => {
  const table: [name: string, body: string | Uint8Array<ArrayBuffer>, detail: RegExp][] = [
    ['no JSON', '{', /not valid JSON/],
    ['Latin-1', Buffer.from('{"external_id":"a\xe9"}', 'latin1'), /UTF-8/],
    ['an overlong NUL', Buffer.from([0x22, 0xc0, 0x80, 0x22]), /UTF-8/],
    ['a surrogate in UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), /UTF-8/],
    ['NUL', '{"external_id":"a\\u0000"}', /U\+0000/],
    ['NUL in a name', '{"a\\u0000":1}', /U\+0000/],
    ['half a pair', '{"external_id":"a\\ud800"}', /surrogate/],
    ['a number too large', '{"external_id":1e400}', /too large/],
    ['deep lists', `${'['.repeat(30_000)}${']'.repeat(30_000)}`, /32 lists and objects deep/],
    ['deep objects', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`, /deep/],
    ['many values', `[${'0,'.repeat(30_000)}0]`, /10,000 values/],
    ['a prototype', '{"__proto__":{"is_premium":true}}', /__proto__/],
  ];
  for (const [name, body, detail] of table) {
    for (const headers of [{}, { 'idempotency-key': name }] as Record<string, string>[]) {
      const answer = await post('/v1/users', body, headers);
      t.match(answer, { status: 400, body: { code: 'invalid-request', detail, in: 'body' } }, name);
      t.ok(size(answer.body) < 1000, name);
    }
  }
  const patch = await call('PATCH', `/v1/users/${user.id}`, {
    body: '{"first_name":"\\u0000"}',
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  t.match(patch, { status: 400, body: { detail: /U\+0000/ } }, 'merge patches too');
});

t.test('of members of one name the last counts, and a byte order mark is passed over', async (t) => {
  const { body } = await post('/v1/users', `\ufeff{"external_id":"a","external_id":"twice-${crypto.randomUUID()}"}`);
  t.match(body.external_id, /^twice-/);
});

t.test('other charsets and encodings are 415, by their name', async (t) => {
  const body = '{"external_id":"charset"}';
  for (const type of ['application/json; charset=iso-8859-1', 'application/json;charset="utf-16"']) {
    t.match(
      await post('/v1/users', body, { 'content-type': type }),
      { status: 415, body: { detail: /charset/ } },
      type,
    );
  }
  for (const type of ['application/json; charset=UTF-8', 'application/json;charset="utf8"', 'application/json; a=b']) {
    t.ok((await post('/v1/users', body, { 'content-type': type })).status < 300, type);
  }
  const packed = Uint8Array.from(gzipSync(body));
  for (const encoding of ['gzip', 'br', 'GZIP', 'identity, gzip']) {
    const answer = await post('/v1/users', packed, { 'content-encoding': encoding });
    t.match(answer, { status: 415, body: { detail: new RegExp(encoding) } }, encoding);
  }
  t.ok((await post('/v1/users', body, { 'content-encoding': 'identity' })).status < 300);
});

t.test('the answer to a faulty request is small, whatever was sent', async (t) => {
  const many = Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`unknown-${index}`, 0]));
  const unknown = await call('POST', '/v1/avatars', { json: many });
  t.match(unknown.body, { status: 400, detail: /… and \d{4} more/, errors: { length: 20 } });
  const scopes = await call('POST', `/v1/users/${user.id}/tokens`, { json: { scopes: Array(9000).fill(0) } });
  t.match(scopes.body, { status: 400, detail: /more/, errors: { length: 20 } });
  const long = 'x'.repeat(60_000);
  const answers = [
    unknown,
    scopes,
    await call('POST', '/v1/avatars', { json: { [long]: 1 } }),
    await call('POST', '/v1/avatars', { json: { name: long, gender: long, user_id: long } }),
    await call('POST', '/v1/webhook-endpoints', {
      json: { url: 'https://a.example', event_types: Array(100).fill('x'.repeat(50)) },
    }),
    await call('GET', `/v1/avatars?${Array.from({ length: 1000 }, (_, index) => `q${index}=1`).join('&')}`),
    await call('GET', `/v1/avatars?${'y'.repeat(12_000)}=1&status=${'z'.repeat(2000)}`),
    await call('GET', `/v1/avatars/${'p'.repeat(12_000)}`),
    await call('GET', `/${'p/'.repeat(6000)}`),
    await call('GET', '/v1/events/stream', { headers: { 'last-event-id': '1'.repeat(12_000) } }),
    await post('/v1/users', '{}', { 'idempotency-key': 'k'.repeat(12_000) }),
    await post('/v1/users', '{}', { 'content-type': `text/${'t'.repeat(12_000)}` }),
    await post('/v1/users', '{}', { 'content-encoding': 'e'.repeat(12_000) }),
    await call('PATCH', `/v1/avatars/${avatar.id}`, {
      json: { name: 'B' },
      headers: { 'if-match': '"e"'.repeat(4000) },
    }),
  ];
  for (const { status, body } of answers) {
    t.ok(status >= 400 && status < 500, `${status} ${body.detail?.slice(0, 40)}`);
    t.ok(size(body) < 8000, `${size(body)} characters`);
  }
});

t.test('bodies of JSON have 64 KB', async (t) => {
  const padded = (length: number) => `{"external_id":"padded"${' '.repeat(length - 24)}}`;
  t.ok((await post('/v1/users', padded(64 * 1024))).status < 300);
  t.match(await post('/v1/users', padded(64 * 1024 + 1)), { status: 413, body: { detail: /65536 bytes/ } });
});

t.test('faults have codes of ours and words for people', async (t) => {
  const { body } = await call('POST', '/v1/avatars', {
    json: { user_id: `urn:uuid:${user.id}`, name: ' \u200b', gender: 'x', trigger_word: 'a\nb', unknown: 1 },
  });
  const found = Object.fromEntries(
    body.errors.map(({ field, code, detail }: Record<string, string>) => [field, `${code}: ${detail}`]),
  );
  t.match(found, {
    '/user_id': /^invalid-format: must be an id/,
    '/name': /^invalid-text: must hold something besides spaces/,
    '/gender': /^unknown-value: must be one of male, female, other/,
    '/trigger_word': /^invalid-text: must hold something besides spaces, and no line breaks/,
    '/training_type': /^missing: is missing/,
    '/unknown': /^unknown-member: /,
  });
  t.notMatch(JSON.stringify(body), /\\\\p|pattern/, 'no expression');
  t.match(await call('POST', '/v1/avatars'), { status: 400, body: { detail: /The body is missing/ } });
});

t.test('an id has one form, wherever it stands', async (t) => {
  const upper = avatar.id.toUpperCase();
  const token = { headers: { authorization: await tokenFor(service, user.id) } };
  t.match(await call('GET', `/v1/avatars/${upper}`), { status: 200, body: { id: avatar.id } });
  t.match(await call('GET', `/v1/users/${user.id.toUpperCase()}/draft`, token), {
    status: 200,
    body: { id: avatar.id },
  });
  t.match(await call('GET', `/v1/avatars?user_id=${user.id.toUpperCase()}`), { body: { data: [{ id: avatar.id }] } });
  const main = await call('PUT', `/v1/users/${user.id}/main-avatar`, { json: { avatar_id: upper } });
  t.match(main, { status: 200, body: { main_avatar_id: avatar.id } });
  for (const id of [
    `urn:uuid:${avatar.id}`,
    `{${avatar.id}}`,
    avatar.id.replaceAll('-', ''),
    ` ${avatar.id}`,
    `${avatar.id}%00`,
  ]) {
    t.equal((await call('GET', `/v1/avatars/${id}`)).status, 400, id);
    t.equal((await call('GET', `/v1/avatars?user_id=${id}`)).status, 400, id);
    t.equal((await call('PUT', `/v1/users/${user.id}/main-avatar`, { json: { avatar_id: id } })).status, 400, id);
  }
});

t.test('numbers of a query are decimal digits, and times exist', async (t) => {
  for (const text of [
    'Infinity',
    '-Infinity',
    'NaN',
    '1e400',
    '1e1',
    '0x10',
    '+1',
    '01',
    '1.5',
    ' 1',
    '',
    '9007199254740993',
    '1&limit=2',
  ]) {
    t.equal((await call('GET', `/v1/avatars?limit=${text}`)).status, 400, `limit=${text}`);
    t.equal((await call('GET', `/v1/events?after=${text}`)).status, text === '1&limit=2' ? 200 : 400, `after=${text}`);
  }
  for (const after of ['-0', '0', '999999999999999']) {
    t.match((await call('GET', `/v1/events?after=${after}`)).status, after === '-0' ? 200 : 200, after);
  }
  const key = (expires_at: unknown) =>
    call('POST', '/v1/keys', { json: { name: 'times', scopes: ['avatars:read'], expires_at } });
  for (const time of [
    '2026-12-31T23:59:60Z',
    '9999-12-31T23:59:59-23:59',
    '0001-01-01T00:00:00+23:59',
    '0000-01-01T00:00:00Z',
    '+012026-01-01T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:00:00+24:00',
    '2026-01-01T00:00:00',
    '2026-01-01',
    `2026-01-01T00:00:00.${'0'.repeat(1000)}Z`,
  ]) {
    t.match(await key(time), { status: 400, body: { errors: [{ code: 'invalid-format' }] } }, time);
  }
  t.match(await key('2199-12-31t23:59:59.123456789+14:00'), {
    status: 201,
    body: { expires_at: '2199-12-31T09:59:59.123Z' },
  });
});

t.test('a type without a body is no body, wherever it may be missing', async (t) => {
  const types = [json, { 'content-type': 'application/x-www-form-urlencoded' }, {}] as Record<string, string>[];
  const nobody = '0199a5b2-7c1e-7cc3-9a4b-2f6f1d0c8e55';
  for (const operation of describedApi(app).operations) {
    const { method, path, operationId, requestBody } = operation as typeof operation & {
      requestBody?: { required: boolean };
    };
    if (method === 'GET' || !path.startsWith('/v1/')) continue;
    const filled = path.replaceAll(/\{kind\}/g, 'lora').replaceAll(/\{\w+\}/g, nobody);
    for (const headers of types) {
      const { status, body } = await call(method, filled, { headers });
      if (requestBody?.required && operationId !== 'addPhotos')
        t.match(body, { status: 400, detail: /missing/ }, operationId);
      else t.equal(status, 404, `${operationId} ${JSON.stringify(headers)}: ${body.detail}`);
    }
  }
});

t.test('another method on a path that is known is 405 with those it takes', async (t) => {
  const table = [
    ['PATCH', '/v1/avatars', 'GET, HEAD, OPTIONS, POST'],
    ['PUT', `/v1/avatars/${avatar.id}`, 'DELETE, GET, HEAD, OPTIONS, PATCH'],
    ['POST', '/livez', 'GET, HEAD, OPTIONS'],
    ['GET', '/webhooks/fal', 'OPTIONS, POST'],
    ['HEAD', '/v1/events/stream', 'GET, OPTIONS'],
    ['PROPFIND', '/v1/avatars', 'GET, HEAD, OPTIONS, POST'],
  ];
  for (const [method = '', path = '', allow = ''] of table) {
    const answer = await call(method, path);
    t.same([answer.status, answer.headers.get('allow')], [405, allow], `${method} ${path}`);
    if (method !== 'HEAD') t.equal(answer.body.code, 'method-not-allowed');
    const options = await call('OPTIONS', path);
    t.same([options.status, options.headers.get('allow'), options.body], [204, allow, '']);
  }
  t.equal((await call('PATCH', '/v1/nothing')).status, 404);
  const head = await call('HEAD', `/v1/avatars/${avatar.id}`);
  const get = await call('GET', `/v1/avatars/${avatar.id}`);
  t.same([head.status, head.headers.get('etag'), head.body], [200, get.headers.get('etag'), '']);
});

t.test('another method counts as a guess does', async (t) => {
  const limited = await startApp(t, { environment: { RATE_LIMIT_PER_MINUTE: '3' } });
  const statuses = [];
  for (let index = 0; index < 5; index += 1)
    statuses.push((await fetch(`${limited.url}/v1/avatars`, { method: 'PATCH' })).status);
  t.same(statuses, [405, 405, 405, 429, 429]);
});

t.test('an Expect that can’t be met is 417, as a problem', async (t) => {
  const answer = await new Promise<{ status?: number | undefined; text: string }>((resolve, reject) => {
    const request = httpRequest(`${url}/v1/users`, {
      method: 'POST',
      headers: { expect: 'banana', 'x-request-id': 'mine' },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      void response
        .toArray()
        .then((chunks) => resolve({ status: response.statusCode, text: Buffer.concat(chunks).toString() }));
    });
    request.end();
  });
  t.equal(answer.status, 417);
  t.match(JSON.parse(answer.text), { code: 'expectation-failed', request_id: 'mine', detail: /100-continue/ });
});

t.test('an empty Last-Event-ID is none', async (t) => {
  const ends = new AbortController();
  const headers = { authorization: await tokenFor(service, user.id), 'last-event-id': '' };
  const answer = await fetch(`${url}/v1/events/stream`, { headers, signal: ends.signal });
  t.equal(answer.status, 200);
  ends.abort();
});

t.test('a tag that gzip has made weak changes what it names, and is known again everywhere', async (t) => {
  const endpoint = (
    await call('POST', '/v1/webhook-endpoints', {
      json: { url: 'https://bot.example.com/weak', event_types: ['training.succeeded'] },
    })
  ).body;
  const paths = [`/v1/avatars/${avatar.id}`, `/v1/webhook-endpoints/${endpoint.id}`, `/v1/users/${user.id}/draft`];
  for (const path of paths) {
    const etag = (await call('GET', path)).headers.get('etag') ?? '';
    for (const tag of [etag, `W/${etag}`, `"x", W/${etag}`, '*']) {
      const again = await call('GET', path, { headers: { 'if-none-match': tag } });
      t.same([again.status, again.body, again.headers.get('etag')], [304, '', etag], `${path} ${tag}`);
    }
    if (path.endsWith('draft')) continue;
    const json = path.includes('avatars') ? { name: 'Weak' } : { description: 'Weak' };
    t.equal((await call('PATCH', path, { json, headers: { 'if-match': `W/${etag}` } })).status, 200, path);
    t.equal((await call('PATCH', path, { json, headers: { 'if-match': `W/${etag}` } })).status, 412, path);
  }
});

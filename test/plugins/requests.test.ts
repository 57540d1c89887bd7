import { once } from 'node:events';
import { connect } from 'node:net';
import { t } from '../support/tap.ts';
import { loggableUrl } from '../../src/platform/log/logger.ts';
import { withoutSecrets } from '../../src/platform/redaction.ts';
import { readableLog } from '../support/log.ts';
import { startApp } from '../support/app.ts';
import { startService } from '../support/service.ts';
import { until } from '../support/until.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

t.test('a request keeps its id on the answer, in the problem and in the log', async (t) => {
  const { log, text } = readableLog();
  const { url } = await startService(t, { log });
  const given = await fetch(`${url}/nowhere?t=hunter2&status=ready`, { headers: { 'x-request-id': 'mine:1' } });
  t.equal(given.headers.get('x-request-id'), 'mine:1');
  t.match(await given.json(), { status: 404, code: 'not-found', request_id: 'mine:1' });
  t.match(text(), '"request_id":"mine:1"');
  t.match(text(), '/nowhere?t=…&status=ready');
  t.notMatch(text(), 'hunter2');

  for (const bad of ['', 'a'.repeat(101), 'two words', 'semi;colon']) {
    const { headers } = await fetch(`${url}/livez`, { headers: { 'x-request-id': bad } });
    t.match(headers.get('x-request-id'), uuid, `not ${JSON.stringify(bad.slice(0, 10))}`);
  }
});

t.test('everything that goes wrong before a route is a problem document too', async (t) => {
  const { url } = await startService(t);
  const unreadable = await fetch(`${url}/%zz`);
  t.equal(unreadable.status, 400);
  t.match(unreadable.headers.get('content-type'), 'application/problem+json');
  t.match(unreadable.headers.get('x-request-id'), uuid);
  t.match(await unreadable.json(), { code: 'invalid-request', detail: "'/%zz' is not a valid url component." });

  const raw = async (text: string): Promise<string> => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    socket.on('error', () => undefined);
    socket.write(text);
    await once(socket, 'close');
    return answer;
  };
  const garbage = await raw('this is no HTTP\r\n\r\n');
  t.match(garbage, /^HTTP\/1\.1 400 Bad Request\r\n/);
  t.match(garbage, '"detail":"This is no HTTP request."');
  const long = await raw(`GET / HTTP/1.1\r\nhost: x\r\nx-long: ${'a'.repeat(20_000)}\r\n\r\n`);
  t.match(long, /^HTTP\/1\.1 431 /);
  t.match(long, '"detail":"The headers are larger than 16 KB."');
});

t.test('a caller may ask so often in a minute; paths that lead nowhere count, probes do not', async (t) => {
  const { url } = await startService(t, { environment: { RATE_LIMIT_PER_MINUTE: '3' } });
  const ask = (path: string) => fetch(`${url}${path}`);
  for (const path of ['/guess', '/openapi.json', '/guess']) t.not((await ask(path)).status, 429);
  const refused = await ask('/openapi.json');
  t.equal(refused.status, 429);
  t.ok(Number(refused.headers.get('retry-after')) > 0);
  t.equal(refused.headers.get('ratelimit-limit'), '3');
  t.match(await refused.json(), {
    code: 'rate-limited',
    detail: /^No more than 3 requests a minute are taken from one caller: try again in \d+ seconds\.$/,
  });
  t.equal((await ask('/guess')).status, 429);
  for (let count = 0; count < 5; count += 1) t.equal((await fetch(`${url}/livez`)).status, 200);
});

t.test('browsers are told what they may do', async (t) => {
  const closed = await startService(t);
  const { headers } = await fetch(`${closed.url}/livez`, { headers: { origin: 'https://app.example' } });
  t.equal(headers.get('access-control-allow-origin'), null);
  t.equal(headers.get('content-security-policy'), "default-src 'none';frame-ancestors 'none'");
  t.equal(headers.get('x-content-type-options'), 'nosniff');
  t.equal(headers.get('referrer-policy'), 'no-referrer');
  t.equal(headers.get('cross-origin-resource-policy'), 'same-origin');
  t.equal(headers.get('strict-transport-security'), null, 'not over http');

  const open = await startService(t, { environment: { CORS_ORIGINS: 'https://app.example, https://b.example' } });
  const asked = await fetch(`${open.url}/v1/trainings`, {
    method: 'OPTIONS',
    headers: { origin: 'https://app.example', 'access-control-request-method': 'POST' },
  });
  t.equal(asked.status, 204);
  t.equal(asked.headers.get('access-control-allow-origin'), 'https://app.example');
  const other = await fetch(`${open.url}/livez`, { headers: { origin: 'https://evil.example' } });
  t.not(other.headers.get('access-control-allow-origin'), 'https://evil.example');
});

t.test('no secret gets into the log, wherever it stands', async (t) => {
  const { log, text } = readableLog();
  const cause = Object.assign(new Error('Failed query: insert\nparams: hunter2,hunter3'), { params: ['hunter2'] });
  log.error({ err: cause }, 'postgresql://me:hunter2@db/likeness');
  log.error({ url: 'http://127.0.0.1:1/v3.fal.media/files/b/hunter2.zip?x=1' });
  log.error({ headers: 'Bearer hunter2', other: 'Key id:hunter2' });
  log.error('https://likeness.example/webhooks/fal?t=hunter2&x=1 and X-Amz-Signature: ?X-Amz-Signature=hunter2');
  log.error({ err: new Error('Failing row contains (1, hunter2, "hunter3").') });
  t.notMatch(text(), /hunter/);
  t.match(text(), 'params: not logged');
  t.equal(withoutSecrets('{"msg":"nothing to hide"}'), '{"msg":"nothing to hide"}');
  t.equal(loggableUrl('/artifacts/1/lora?expires=9&signature=abc'), '/artifacts/1/lora?expires=…&signature=…');
  t.equal(loggableUrl('/v1/avatars?limit=2'), '/v1/avatars?limit=2');
});

const keys = {
  key: `lk_${'Ab3-_'.repeat(8)}abc`,
  token: `lut_${'Cd4-_'.repeat(20)}`,
  secret: `whsec_${'Ef5+/'.repeat(8)}abc=`,
};

t.test('no key, token or secret is written, however it is put', async (t) => {
  const { log, text } = readableLog();
  for (const secret of Object.values(keys)) {
    const put: unknown[] = [
      { a: { b: [secret, { c: `x${secret}x` }] } },
      { [secret]: true },
      { err: Object.assign(new Error(`no ${secret}`), { detail: secret, cause: new Error(`after\n${secret}`) }) },
      { err: Object.assign(new Error('Parse Error'), { rawPacket: Buffer.from(`GET /${secret}`) }) },
      { packet: Buffer.from(secret), bytes: new Uint8Array(Buffer.from(secret)), list: [...Buffer.from(secret)] },
      { query: `?q=Bearer%20${secret}&r=${encodeURIComponent(secret)}&s=${secret.replace('_', '%5F')}` },
      { headers: `bearer ${secret}` },
    ];
    for (const each of put) log.info(each, `said ${secret}`);
  }
  const [written, codes] = [text(), (secret: string) => [...Buffer.from(secret)].slice(0, 20)];
  for (const secret of Object.values(keys)) {
    const marks = [secret.slice(8, 30), encodeURIComponent(secret.slice(8, 30)), String(codes(secret))];
    for (const mark of marks) t.notOk(written.includes(mark), mark);
    for (const [index, code] of codes(secret).entries()) t.notOk(written.includes(`"${index}":${code},"${index + 1}"`));
  }
  t.ok(written.includes('lk_…') && written.includes('lut_…') && written.includes('whsec_…'), 'what it was is said');
  const harmless = '{"msg":"bulk_insert of walk_2 took [1,2,3] ms","url":"/v1/avatars?limit=2"}';
  t.equal(withoutSecrets(harmless), harmless);
});

t.test('a long line is cut of its secrets in no time', async (t) => {
  const size = 200_000;
  for (const part of ['http://', 'lk_', 'Bearer ', 'Key a:', '1,', '"1":1,', '?t=', '//a:', 'whsec_%', '.zip']) {
    const begin = performance.now();
    withoutSecrets(part.repeat(size / part.length));
    t.ok(performance.now() - begin < 1000, `${part}…`);
  }
});

t.test('the log says who called, from where, and nothing of what could be used', async (t) => {
  const { log, text } = readableLog();
  const service = await startApp(t, { log, environment: { TRUSTED_PROXIES: '127.0.0.1' } });
  const user = await service.makeUser();
  const { body: minted } = await service.call('POST', `/v1/users/${user.id}/tokens`, { json: {} });
  const lineOf = async (path: string) =>
    until(`the line of ${path}`, () => {
      const line = text()
        .split('\n')
        .find((each) => each.includes('"request completed"') && each.includes(path));
      return line !== undefined && JSON.parse(line);
    });
  const from = { 'x-forwarded-for': '198.51.100.7' };
  await service.call('GET', '/v1/avatars?limit=7', { headers: from });
  const [keyId] = (await service.call('GET', '/v1/keys')).body.data.map(({ id }: { id: string }) => id);
  const byKey = await lineOf('limit=7');
  t.match(byKey, { key_id: keyId, req: { remote: '198.51.100.7' } });
  t.notOk('user_id' in byKey);
  await service.call('GET', '/v1/avatars?limit=8', { headers: { authorization: `Bearer ${minted.token}` } });
  t.match(await lineOf('limit=8'), { key_id: keyId, user_id: user.id, req: { remote: '127.0.0.1' } });
  await fetch(`${service.url}/v1/avatars?limit=9`);
  t.notOk('key_id' in (await lineOf('limit=9')), 'nobody is known by a request without a key');

  const { url } = service;
  const asked = await fetch(`${url}/${keys.key}/${keys.token}?user_id=${keys.key}&${keys.secret}=1&any=${keys.key}`, {
    headers: { 'x-request-id': keys.key, authorization: `Basic ${keys.key}` },
  });
  t.match(asked.headers.get('x-request-id'), uuid, 'a key is no id of a request');
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined).resume();
  socket.write(`GET / HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${service.key}\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`);
  await once(socket, 'close');
  await until('the line of the unreadable one', () => text().includes('no readable request'));
  t.match(text(), 'HPE_HEADER_OVERFLOW');
  await lineOf('lk_…');
  for (const secret of [...Object.values(keys), service.key, minted.token]) {
    t.notOk(text().includes(secret.slice(8, 30)), secret.slice(0, 8));
    t.notOk(text().includes(String([...Buffer.from(secret.slice(8, 20))])), 'as numbers');
  }
  t.notMatch(text(), /rawPacket/);
});

t.test('a process that is too far behind its work refuses all but probes, by OVERLOAD_DELAY_SECONDS', async (t) => {
  const [impatient, patient] = await Promise.all([
    startService(t, { environment: { OVERLOAD_DELAY_SECONDS: '0.01' } }),
    startService(t, { environment: { OVERLOAD_DELAY_SECONDS: '0' } }),
  ]);
  const refused = await until('a refusal', async () => {
    busyFor(300);
    const answer = await fetch(`${impatient.url}/openapi.json`);
    return answer.status === 503 && answer;
  });
  t.equal(refused.headers.get('retry-after'), '2');
  t.match(await refused.json(), { code: 'overloaded', detail: /try again in 2 seconds/ });
  t.equal((await fetch(`${impatient.url}/livez`)).status, 200);
  t.equal((await fetch(`${patient.url}/openapi.json`)).status, 200, '0 refuses none');
});

function busyFor(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

import { once } from 'node:events';
import { connect } from 'node:net';
import { t } from '../support/tap.ts';
import { loggableUrl, withoutSecrets } from '../../src/logger.ts';
import { readableLog } from '../support/log.ts';
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
  const ask = (path: string, key: string) => fetch(`${url}${path}`, { headers: { authorization: `Bearer ${key}` } });
  for (const path of ['/guess', '/openapi.json', '/guess']) t.not((await ask(path, 'a')).status, 429);
  const refused = await ask('/openapi.json', 'a');
  t.equal(refused.status, 429);
  t.ok(Number(refused.headers.get('retry-after')) > 0);
  t.equal(refused.headers.get('ratelimit-limit'), '3');
  t.match(await refused.json(), {
    code: 'rate-limited',
    detail: /^No more than 3 requests a minute are taken from one caller: try again in \d+ seconds\.$/,
  });
  t.equal((await ask('/guess', 'a')).status, 429);
  t.equal((await ask('/openapi.json', 'b')).status, 200, 'another caller is not concerned');
  for (let count = 0; count < 5; count += 1) t.equal((await fetch(`${url}/livez`)).status, 200);
});

t.test('browsers are told what they may do', async (t) => {
  const closed = await startService(t);
  const { headers } = await fetch(`${closed.url}/livez`, { headers: { origin: 'https://app.example' } });
  t.equal(headers.get('access-control-allow-origin'), null);
  t.equal(headers.get('content-security-policy'), "default-src 'none';frame-ancestors 'none'");
  t.equal(headers.get('x-content-type-options'), 'nosniff');
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

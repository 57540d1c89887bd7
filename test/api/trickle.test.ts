import { connect } from 'node:net';
import { startApp } from '../support/app.ts';
import { t } from '../support/tap.ts';
import { until } from '../support/until.ts';

t.setTimeout(90_000);

t.test('a JSON body that trickles in is refused in time, whoever sends it', async (t) => {
  const { url, key, database } = await startApp(t);
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  t.teardown(async () => void socket.destroy());
  let answer = '';
  socket.on('data', (chunk) => (answer += chunk.toString())).on('error', () => undefined);
  const head = [
    'POST /v1/users HTTP/1.1',
    'host: x',
    `authorization: Bearer ${key}`,
    'content-type: application/json',
    'content-length: 1000',
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n{"external_id":"`);
  const trickle = setInterval(() => socket.writable && socket.write('a'), 1000);
  t.teardown(async () => clearInterval(trickle));
  const began = performance.now();
  await until('an answer', () => answer.includes('\r\n\r\n'), 60_000);
  t.ok(performance.now() - began < 45_000, `${Math.round(performance.now() - began)} ms`);
  t.match(answer, /^HTTP\/1\.1 408 /);
  t.match(answer, /"code":"request-timeout"/);
  await until('the connection to be closed', () => socket.closed || socket.readableEnded);
  const { rows } = await database.pool.query('select from users');
  t.equal(rows.length, 0);
});

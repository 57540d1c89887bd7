import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { startApp } from '../../support/app.ts';
import { status } from '../../../lab/ground/receiver.ts';
import { t, type Test } from '../../support/tap.ts';
import { until } from '../../support/until.ts';
import { arrangeEndpoint, numbered, quickRetries, someone, tell } from './arrange.ts';

const timeoutSeconds = 3;
const service = await startApp(t, {
  environment: { ...quickRetries, WEBHOOK_TIMEOUT_SECONDS: String(timeoutSeconds), WEBHOOK_CONCURRENCY: '2' },
});

/** A server that takes connections and bytes, and says nothing, or what it is told to say at once. */
async function mute(t: Test, words = ''): Promise<{ port: number; open(): number }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)));
    socket.resume().write(words);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, open: () => sockets.size };
}

/** An endpoint at an address of its own. */
async function endpointAt(t: Test, url: string) {
  const { body } = await service.call('POST', '/v1/webhook-endpoints', { json: { url } });
  t.teardown(() => service.database.pool.query('delete from webhook_endpoints where id = $1', [body.id]));
  const attempts = async (): Promise<Record<string, unknown>[]> => {
    const path = `/v1/webhook-endpoints/${body.id}/deliveries?limit=100`;
    const { data } = (await service.call('GET', path)).body;
    return data.flatMap((delivery: { attempts: Record<string, unknown>[] }) => delivery.attempts);
  };
  return { attempts };
}

t.test('endpoints that fall silent hold up no other, at whatever point they do', async (t) => {
  await numbered(service);
  const [beforeTls, beforeHeaders, inHeaders, inBody] = await Promise.all([
    mute(t),
    mute(t),
    mute(t, 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n'),
    mute(t, 'HTTP/1.1 500 Broken\r\ncontent-length: 10\r\n\r\nhalf'),
  ]);
  const silent = await Promise.all([
    endpointAt(t, `https://127.0.0.1:${beforeTls.port}/`),
    endpointAt(t, `http://127.0.0.1:${beforeHeaders.port}/`),
    endpointAt(t, `http://127.0.0.1:${inHeaders.port}/`),
    endpointAt(t, `http://127.0.0.1:${inBody.port}/`),
  ]);
  const good = await arrangeEndpoint(t, service, {}, status(204));
  const began = performance.now();
  await tell(service, ...Array.from({ length: 40 }, someone));
  await until('all that the others were sent', () => good.receiver.arrivals.length === 40);
  t.ok(
    performance.now() - began < timeoutSeconds * 1000,
    `before any time was over: ${Math.round(performance.now() - began)} ms`,
  );
  const told = [
    { response_status: null, error: `No answer came within ${timeoutSeconds} seconds.` },
    { response_status: null, error: `No answer came within ${timeoutSeconds} seconds.` },
    { response_status: null, error: `No answer came within ${timeoutSeconds} seconds.` },
    { response_status: 500, response_body: 'half', error: null },
  ];
  for (const [index, { attempts }] of silent.entries()) {
    const [first] = await until(`an attempt at ${index}`, async () => {
      const list = await attempts();
      return list.length > 0 && list;
    });
    t.match(first, told[index]);
    t.ok(Number(first?.['latency_ms']) < 2 * timeoutSeconds * 1000, 'the attempt ends in time');
  }
  for (const { open } of [beforeTls, beforeHeaders, inHeaders, inBody]) {
    t.ok(open() <= 2, `no connection is kept that missed its time: ${open()} are open`);
  }
});

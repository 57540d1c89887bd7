import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { t } from '../../support/tap.ts';
import { Problem } from '../../../src/errors.ts';
import { type Body, type BodyLimits, createBodies } from '../../../src/features/inbox/bodies.ts';

const kilobyte = 1024;
/** What each request costs beside its bytes. */
const cost = 4 * kilobyte;

/** A server that reads bodies of 10 KB at most, holds them until they are taken back, and answers with what became of them. */
async function serve(t: { teardown(end: () => unknown): void }, limits: BodyLimits) {
  const bodies = createBodies(limits);
  const held: Body[] = [];
  const server = createServer((request, response) => {
    bodies.read(request, 10 * kilobyte).then(
      (body) => {
        held.push(body);
        response.end(String(body.bytes.length));
      },
      (error: unknown) => {
        if (!(error instanceof Problem)) throw error;
        response.writeHead(error.statusCode, error.headers).end(error.code);
      },
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  t.teardown(() => server.closeAllConnections());
  const { port } = server.address() as AddressInfo;
  const begin = (headers: Record<string, string> = {}) => {
    const request = httpRequest({ port, host: '127.0.0.1', method: 'POST', headers });
    request.on('error', () => undefined);
    t.teardown(() => request.destroy());
    const answer = once(request, 'response').then(async ([response]) => ({
      status: response.statusCode,
      headers: response.headers,
      text: await text(response),
    }));
    answer.catch(() => undefined);
    return { request, answer };
  };
  const send = (bytes: number) => {
    const { request, answer } = begin();
    request.end(Buffer.alloc(bytes));
    return answer;
  };
  return { held, begin, send, server };
}

t.test('a body is read whole, up to its limit, whether or not it tells its length', async (t) => {
  const { send, begin } = await serve(t, { room: 100 * kilobyte, patienceMs: 60_000 });
  t.match(await send(10 * kilobyte), { status: 200, text: String(10 * kilobyte) });
  t.match(await send(10 * kilobyte + 1), { status: 413, text: 'payload-too-large' });
  const told = begin({ 'content-length': String(20 * kilobyte) });
  told.request.flushHeaders();
  t.match(await told.answer, { status: 413 }, 'before a byte of it has come');
  const untold = begin();
  untold.request.write(Buffer.alloc(6 * kilobyte));
  untold.request.write(Buffer.alloc(6 * kilobyte));
  t.match(await untold.answer, { status: 413, headers: { connection: 'close' } });
});

t.test('bodies together hold no more than their room, until what they asked for is done', async (t) => {
  const { send, held } = await serve(t, { room: 2 * (cost + 8 * kilobyte), patienceMs: 60_000 });
  t.match([await send(8 * kilobyte), await send(8 * kilobyte)], [{ status: 200 }, { status: 200 }]);
  t.match(await send(1), { status: 503, text: 'overloaded', headers: { 'retry-after': /^\d+$/ } });
  held.shift()?.release();
  t.match(await send(8 * kilobyte), { status: 200 }, 'there is room again');
  t.match(await send(1), { status: 503 }, 'what was refused has given its room back, and no more');
});

t.test('what is half sent costs what has come, for so long and no longer', async (t) => {
  const { begin, send } = await serve(t, { room: 4 * (cost + kilobyte), patienceMs: 500 });
  const halves = Array.from({ length: 4 }, () => {
    const half = begin({ 'content-length': String(10 * kilobyte) });
    half.request.write(Buffer.alloc(kilobyte));
    return half;
  });
  const ends = await Promise.all(halves.map(({ answer }) => answer));
  for (const end of ends) t.match(end, { status: 408, text: 'request-timeout', headers: { connection: 'close' } });
  t.match(await send(kilobyte), { status: 200 }, 'they hold nothing more');
});

t.test('a client that goes away in the middle leaves nothing', async (t) => {
  const { begin, send, server } = await serve(t, { room: cost + 9 * kilobyte, patienceMs: 60_000 });
  const arrived = once(server, 'request');
  const half = begin({ 'content-length': String(10 * kilobyte) });
  half.request.write(Buffer.alloc(9 * kilobyte));
  const [request] = await arrived;
  half.request.destroy();
  await new Promise((resolve) => request.once('close', resolve));
  t.match(await send(9 * kilobyte), { status: 200 });
});

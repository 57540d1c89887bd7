import { connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import type { Scope } from './postgres.ts';

/**
 * Puts a proxy before a PostgreSQL server, for what no server does by itself: to keep every connection open, take new
 * ones, and answer nothing any more.
 * @param url of a database, over TCP or a socket in its `host`
 * @returns the URL by way of the proxy, and what silences it for good
 */
export async function silentProxy(scope: Scope, url: string): Promise<{ url: string; silence(): void }> {
  const target = new URL(url);
  const folder = decodeURIComponent(target.hostname);
  const port = Number(target.port || 5432);
  const sockets = new Set<Socket>();
  let silent = false;
  const server = createServer((near) => {
    sockets.add(near.on('error', () => undefined));
    if (silent) return;
    const far = folder.startsWith('/') ? connect(`${folder}/.s.PGSQL.${port}`) : connect(port, folder);
    sockets.add(far.on('error', () => undefined));
    near.on('data', (chunk) => silent || far.write(chunk)).on('close', () => far.destroy());
    far.on('data', (chunk) => silent || near.write(chunk)).on('close', () => silent || near.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  scope.teardown(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  const near = new URL(url);
  near.hostname = '127.0.0.1';
  near.port = typeof address === 'object' && address ? String(address.port) : '';
  return { url: near.href, silence: () => void (silent = true) };
}

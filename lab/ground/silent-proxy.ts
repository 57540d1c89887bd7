import { connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import type { Scope } from './scope.ts';

export type SilentProxy = {
  /** The URL through the proxy. */
  url: string;
  /** Keeps all connections open, accepts new ones, and passes no byte in either direction from now on. */
  silence(): void;
  /** Serves new connections again; those open during the silence stay dead. */
  speak(): void;
  /** New connections go to another server of the kind from now on, as when a name is moved. */
  lead(url: string): void;
  /** Rewrites what clients send from now on, keeping its length; null for no change. */
  rewrite(change: ((bytes: Buffer) => Buffer) | null): void;
  open(): number;
};

/**
 * A black-hole proxy in front of a server: keeps connections open, accepts new ones and passes nothing.
 * @param url of a TCP server, or of a PostgreSQL database over a socket in its host
 */
export async function silentProxy(scope: Scope, url: string): Promise<SilentProxy> {
  let target = new URL(url);
  const sockets = new Set<Socket>();
  let silent = false;
  let change: ((bytes: Buffer) => Buffer) | null = null;
  const dead = new WeakSet<Socket>();
  const server = createServer((near) => {
    sockets.add(near.on('error', () => undefined).on('close', () => sockets.delete(near)));
    if (silent) {
      dead.add(near.resume());
      return;
    }
    const far = connectTo(target);
    far.on('error', () => undefined);
    near
      .on('data', (chunk) => dead.has(near) || far.write(change ? change(chunk) : chunk))
      .on('close', () => far.destroy());
    far.on('data', (chunk) => dead.has(near) || near.write(chunk)).on('close', () => dead.has(near) || near.destroy());
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
  return {
    url: near.href,
    silence() {
      silent = true;
      for (const socket of sockets) dead.add(socket);
    },
    speak: () => void (silent = false),
    lead: (next) => void (target = new URL(next)),
    rewrite: (next) => void (change = next),
    open: () => sockets.size,
  };
}

function connectTo({ hostname, port }: URL): Socket {
  const host = decodeURIComponent(hostname);
  const number = Number(port || 5432);
  return host.startsWith('/') ? connect(`${host}/.s.PGSQL.${number}`) : connect(number, host);
}

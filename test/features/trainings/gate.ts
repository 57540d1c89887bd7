import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import type { Test } from '../../support/tap.ts';

/** A way to a server that can be shut: connections to a shut gate are refused, as by a machine that is down. */
export type Gate = {
  url: string;
  /** Refuses new connections; those under way go on until `cut`. */
  shut(): Promise<void>;
  cut(): void;
  open(): Promise<void>;
  /** Shuts by itself when a request passes that holds this text; that request goes on. */
  shutAt(text: string): void;
};

/** Puts a gate on a port of its own before the server at `url()`, which may not listen yet. */
export async function createGate(t: Test, url: () => string): Promise<Gate> {
  const sockets = new Set<Socket>();
  let port = 0;
  let last: string | null = null;
  let server: Server | null = null;

  function pass(socket: Socket): void {
    socket.on('data', (chunk: Buffer) => {
      if (last !== null && chunk.includes(last)) server?.close();
    });
    const { hostname, port: target } = new URL(url());
    const onward = connect(Number(target), hostname);
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => sockets.delete(one) && other.destroy());
    }
  }

  const gate: Gate = {
    url: '',
    async open() {
      last = null;
      server = createServer(pass).listen(port, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      port = typeof address === 'object' && address ? address.port : 0;
      gate.url = `http://127.0.0.1:${port}`;
    },
    shut: () =>
      new Promise((resolve) => {
        server?.close();
        // A server that still has connections is closed to new ones at once.
        setImmediate(resolve);
      }),
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    shutAt(text) {
      last = text;
    },
  };
  await gate.open();
  t.teardown(() => {
    server?.close();
    gate.cut();
  });
  return gate;
}

import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from '../../support/tap.ts';
import { createFal, type FalOptions } from '../../../src/fal/client.ts';
import type { Fal } from '../../../src/fal/fal.ts';

export type Seen = {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** Length of the body; `body` holds its first 64 KiB. */
  bytes: number;
  body: string;
};

export type Answering = (response: ServerResponse, seen: Seen, request: IncomingMessage) => void;

export type Wire = {
  baseUrl: string;
  /** Every request whose body was read whole, in order. */
  seen: Seen[];
  /** Says how requests are answered from now on. */
  answerWith(answering: Answering): void;
};

/** A bare HTTP server for faults that must be exact to the byte. It stands for all of fal's hosts: /HOST/PATH. */
export async function createWire(t: Test): Promise<Wire> {
  const seen: Seen[] = [];
  let answering: Answering = (response) => response.writeHead(501).end();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      if (bytes < 65_536) chunks.push(chunk);
      bytes += chunk.length;
    });
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      const one = { method, path, headers, bytes, body: Buffer.concat(chunks).toString('latin1', 0, 65_536) };
      seen.push(one);
      answering(response, one, request);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  // A TCP server that listens has an address with a port.
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    seen,
    answerWith: (next) => {
      answering = next;
    },
  };
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Answering {
  return text(status, JSON.stringify(body), { 'content-type': 'application/json', ...headers });
}

export function text(status: number, body: string, headers: Record<string, string> = {}): Answering {
  return (response) => response.writeHead(status, headers).end(body);
}

export function falAt(wire: Wire, options: Partial<FalOptions> = {}): Fal {
  return createFal({ mode: 'sandbox', key: 'kid:secret', baseUrl: wire.baseUrl, timeoutMs: 5_000, ...options });
}

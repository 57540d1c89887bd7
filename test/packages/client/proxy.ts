import { createServer, type IncomingMessage, request as ask, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

type Scope = { teardown(end: () => Promise<void>): unknown };
type Fault = 'reset' | { status: number; headers: Record<string, string> };
export type Passed = { method: string; path: string; key: string | undefined; replayed: boolean };

/** What stands between a client and the service, and does what networks do. */
export async function startProxy(t: Scope, target: string) {
  const sockets = new Set<Socket>();
  const faults: { method: string; fault: Fault }[] = [];
  const passed: Passed[] = [];

  const server = createServer((request, response) => {
    const index = faults.findIndex(({ method }) => method === request.method);
    const [taken] = index === -1 ? [] : faults.splice(index, 1);
    if (taken && taken.fault !== 'reset') {
      const { status, headers } = taken.fault;
      return void request.resume().once('end', () => response.writeHead(status, headers).end('no service here'));
    }
    forward(request, response, taken !== undefined);
  });

  function forward(request: IncomingMessage, response: ServerResponse, isLost: boolean): void {
    const { method = '', url: path = '', headers } = request;
    const onward = ask(target + path, { method, headers, agent: false }, (answer) => {
      passed.push({
        method,
        path,
        key: headers['idempotency-key'] as string | undefined,
        replayed: answer.headers['idempotency-replayed'] === 'true',
      });
      // The request took effect, and its response is lost.
      if (isLost) return void answer.resume().once('end', () => request.socket.destroy());
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      answer.once('error', () => request.socket.destroy());
    });
    onward.once('error', () => (response.headersSent ? request.socket.destroy() : response.writeHead(502).end()));
    response.once('close', () => onward.destroy());
    request.pipe(onward);
  }

  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    /** Requests that reached the service and were answered, in order. */
    passed,
    /** Spoils the next request of a method. */
    spoil: (method: string, fault: Fault) => void faults.push({ method, fault }),
    /** Breaks every connection. */
    cut: () => sockets.forEach((socket) => socket.destroy()),
  };
}

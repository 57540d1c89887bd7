import { once } from 'node:events';
import { createServer } from 'node:net';

/** A free port, for a service that must know its public address before it listens. */
export async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error(`${host} gave no port`);
  return address.port;
}

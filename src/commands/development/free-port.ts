import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * @returns a port that nobody listens on now. The address under which fal reaches a service has to be known before the
 * service listens, so port 0 is settled here.
 */
export async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error(`${host} gave no port`);
  return address.port;
}

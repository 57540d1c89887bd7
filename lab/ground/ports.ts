import { once } from 'node:events';
import { createServer } from 'node:net';

const lowest = 20_000;
const highest = 30_000;

/** A free port below the range of outgoing connections, so that a restarted process finds it free. */
export async function stablePort(): Promise<number> {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    const server = createServer().listen(port, '127.0.0.1');
    const free = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    server.close();
    if (free) return port;
  }
}

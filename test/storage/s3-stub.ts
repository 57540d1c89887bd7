import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';

/** As much of S3 as the store uses: objects by path in memory, and faults on request. It checks no credentials. */
export async function startS3(t: Pick<Test, 'teardown'>) {
  const objects = new Map<string, { body: Buffer; type: string }>();
  const requests: string[] = [];
  let fault: { status: number; code: string } | null = null;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://s3').pathname;
    requests.push(`${request.method} ${path}`);
    const body = Buffer.concat(await request.toArray());
    if (fault) {
      response.writeHead(fault.status, { 'content-type': 'application/xml' });
      return void response.end(`<?xml version="1.0"?><Error><Code>${fault.code}</Code><Message>no</Message></Error>`);
    }
    if (request.method === 'PUT') {
      objects.set(path, { body, type: request.headers['content-type'] ?? '' });
      return void response.writeHead(200, { etag: '"e"' }).end();
    }
    if (request.method === 'DELETE') {
      objects.delete(path);
      return void response.writeHead(204).end();
    }
    const object = objects.get(path);
    if (!object) {
      response.writeHead(404, { 'content-type': 'application/xml' });
      return void response.end('<?xml version="1.0"?><Error><Code>NoSuchKey</Code><Message>no</Message></Error>');
    }
    response.writeHead(200, { 'content-length': object.body.length, 'content-type': object.type });
    response.end(request.method === 'HEAD' ? undefined : object.body);
  }

  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    endpoint: `http://127.0.0.1:${port}`,
    objects,
    requests,
    fail(next: { status: number; code: string } | null) {
      fault = next;
    },
  };
}

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Scope } from './scope.ts';
import { type Credentials, refusalOf } from './sigv4.ts';

/** The account that the store of the tests knows. */
export const account: Credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'a secret of the tests' };

type Fault = { status: number; code: string };

/**
 * As much of S3 as the store uses: objects by path in memory, every request's signature checked, and faults on request.
 * `spoil` changes a body on its way, as a broken proxy would.
 */
export async function startS3(scope: Scope) {
  const objects = new Map<string, { body: Buffer; type: string }>();
  const requests: string[] = [];
  const refused: string[] = [];
  let fault: Fault | null = null;
  let ignoresRanges = false;
  let spoil = (body: Buffer) => body;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '/', headers } = request;
    const path = new URL(url, 'http://s3').pathname;
    requests.push(`${method} ${path}`);
    const body = spoil(Buffer.concat(await request.toArray()));
    const refusal = refusalOf({ method, url, headers, body }, account, new Date());
    if (refusal) refused.push(refusal);
    const wrong = refusal ? { status: 403, code: refusal } : fault;
    if (wrong) return fail(response, wrong, method);
    if (method === 'PUT') {
      objects.set(path, { body, type: headers['content-type'] ?? '' });
      return void response.writeHead(200, { etag: '"e"' }).end();
    }
    if (method === 'DELETE') {
      objects.delete(path);
      return void response.writeHead(204).end();
    }
    const object = objects.get(path);
    if (!object) return fail(response, { status: 404, code: 'NoSuchKey' }, method);
    const type = { 'content-type': object.type };
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
    if (start !== undefined && !ignoresRanges) {
      const part = object.body.subarray(Number(start), Number(end) + 1);
      const range = `bytes ${start}-${end}/${object.body.length}`;
      return void response.writeHead(206, { 'content-length': part.length, 'content-range': range, ...type }).end(part);
    }
    response.writeHead(200, { 'content-length': object.body.length, ...type });
    response.end(method === 'HEAD' ? undefined : object.body);
  }

  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  scope.teardown(async () => {
    server.closeAllConnections();
    server.close();
  });
  return {
    endpoint: `http://127.0.0.1:${port}`,
    objects,
    requests,
    /** What was wrong with the requests whose signatures were. */
    refused,
    fail(next: Fault | null) {
      fault = next;
    },
    /** Answers with whole objects from then on, as RFC 9110 §14.2 lets a server do. */
    ignoreRanges() {
      ignoresRanges = true;
    },
    spoil(change: (body: Buffer) => Buffer) {
      spoil = change;
    },
  };
}

// A response to HEAD has no body for the error.
function fail(response: ServerResponse, { status, code }: Fault, method: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' });
  const document = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`;
  response.end(method === 'HEAD' ? undefined : document);
}

/** Gives the SDK an account, as the environment of the service would, until the scope ends. */
export function useAccount(scope: Scope, { accessKeyId, secretAccessKey }: Credentials = account): void {
  const names = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  const before = Object.keys(names).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, names);
  scope.teardown(async () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
}

import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { ApiError, createFalClient, type FalClient } from '@fal-ai/client';
import sharp from 'sharp';
import type { Test } from '../../support/tap.ts';
import yazl from 'yazl';
import { buildSandbox, type Sandbox, type SandboxOptions } from '../../../packages/fal-sandbox/src/server.ts';

export const portrait = 'fal-ai/flux-lora-portrait-trainer';
export const fast = 'fal-ai/flux-lora-fast-training';
export const turbo = 'fal-ai/turbo-flux-trainer';
export const key = 'sandbox-id:sandbox-secret';

/** A listening sandbox whose clock stands still, and a real client that reaches it. Both end with the test. */
export async function startSandbox(
  t: Test,
  options: SandboxOptions = {},
): Promise<{ sandbox: Sandbox; fal: FalClient }> {
  const sandbox = buildSandbox({ speed: 0, key, allowPrivateWebhooks: true, patienceMs: 300, ...options });
  t.teardown(() => sandbox.close());
  await sandbox.listen();
  return { sandbox, fal: createFalClient({ credentials: key, fetch: sandbox.fetch }) };
}

/** A plain JPEG of one colour. */
export function photo(shade: number, side = 512): Promise<Buffer> {
  const background = { r: shade % 256, g: 90, b: 160 };
  return sharp({ create: { width: side, height: side, channels: 3, background } })
    .jpeg()
    .toBuffer();
}

/** A zip of the given entries. */
export async function zip(entries: Record<string, Buffer | string>): Promise<Buffer> {
  const file = new yazl.ZipFile();
  for (const [name, content] of Object.entries(entries)) file.addBuffer(Buffer.from(content), name);
  const bytes = buffer(file.outputStream);
  file.end();
  return bytes;
}

/** A zip of so many photos. */
export async function photoZip(count: number, side = 512): Promise<Buffer> {
  const entries: Record<string, Buffer> = {};
  for (let index = 0; index < count; index++) entries[`photo-${index}.jpg`] = await photo(index * 11, side);
  return zip(entries);
}

/** Uploads an archive by the real client and gives its fal address. */
export function upload(fal: FalClient, bytes: Buffer, name = 'photos.zip'): Promise<string> {
  return fal.storage.upload(new File([new Uint8Array(bytes)], name, { type: 'application/zip' }));
}

export interface Received {
  headers: IncomingHttpHeaders;
  raw: Buffer;
  /** Order of arrival, and the sandbox's time. */
  at: number;
}

/** When the webhooks came, in seconds of the sandbox after the first. */
export function arrivals(received: readonly Received[]): number[] {
  return received.map(({ at }) => (at - (received[0]?.at ?? 0)) / 1000);
}

/** A server that takes webhooks. It answers with the statuses given, in order, then 200; null never answers. */
export async function startReceiver(t: Test, sandbox: Sandbox, statuses: (number | null)[] = []) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((raw) => {
      received.push({ headers: request.headers, raw, at: sandbox.clock.now() });
      const status = received.length <= statuses.length ? statuses[received.length - 1] : 200;
      if (status === null || status === undefined) return;
      if (status >= 300 && status < 400) response.setHeader('location', '/elsewhere');
      response.writeHead(status).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { url: `http://127.0.0.1:${port}/webhooks/fal?t=token`, received };
}

type CallInit = Omit<RequestInit, 'headers'> & { headers?: Record<string, string> };

/** Status, body and headers of a request to a fal address, without the client between. */
export async function call(sandbox: Sandbox, address: string, init: CallInit = {}) {
  const headers = { authorization: `Key ${key}`, 'content-type': 'application/json', ...init.headers };
  const response = await sandbox.fetch(address, { ...init, headers });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: readJson(text) };
}

/** A JSON object, for assertions; empty for anything else. */
function readJson(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** What a call of the client failed with. */
export async function failureOf(call: Promise<unknown>): Promise<{ status: number; body: unknown }> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ApiError) return { status: error.status, body: error.body };
    throw error;
  }
  throw new Error('the call did not fail');
}

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { t, type Test } from '../../support/tap.ts';
import type { Sandbox, SandboxOptions } from '../../../packages/fal-sandbox/src/server.ts';
import { key, photoZip, portrait, startSandbox } from './support.ts';

/*
 * The requests that fal's Python client makes for an upload (fal contract §3.1), over plain HTTP: a token by the key, then
 * the bytes by the token, above 100 MB in parts of 10 MB whose etags it reads from the answers' headers.
 */

type Headers = Record<string, string>;
type Token = { token: string; token_type: string; base_url: string; expires_at: string };

async function startPythonClient(t: Test, options: SandboxOptions = {}) {
  const { sandbox, fal } = await startSandbox(t, options);
  const send = async (method: string, address: string, headers: Headers, body?: Buffer | string) => {
    const init = { method, headers, ...(body !== undefined && { body }) };
    const response = await sandbox.fetch(address, init);
    const text = await response.text();
    return { status: response.status, etag: response.headers.get('etag'), body: text ? JSON.parse(text) : null };
  };
  const askToken = (host = 'rest.fal.ai', credentials = key) =>
    send(
      'POST',
      `https://${host}/storage/auth/token?storage_type=fal-cdn-v3`,
      { authorization: `Key ${credentials}`, accept: 'application/json', 'content-type': 'application/json' },
      '{}',
    );
  const authorize = async (): Promise<Token & { headers: Headers }> => {
    const { body } = await askToken();
    return { ...body, headers: { authorization: `${body.token_type} ${body.token}`, 'user-agent': 'fal/0.1.0' } };
  };
  return { sandbox, fal, send, askToken, authorize };
}

const fetchBytes = async (sandbox: Sandbox, address: string) => {
  const response = await sandbox.fetch(address);
  return { type: response.headers.get('content-type'), bytes: Buffer.from(await response.arrayBuffer()) };
};

t.test('the key gets a token that holds for thirty days, at both hosts', async (t) => {
  const { askToken } = await startPythonClient(t);
  for (const host of ['rest.fal.ai', 'rest.alpha.fal.ai']) {
    const { status, body } = await askToken(host);
    t.equal(status, 200);
    t.match(body, { token: String, token_type: 'Bearer', base_url: 'https://v3b.fal.media' });
    t.match(body.expires_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/, 'as older Pythons read it');
    t.equal(Math.round((Date.parse(body.expires_at) - Date.parse(body.created_at)) / 86_400_000), 30);
  }
  t.equal((await askToken('rest.fal.ai', 'no:no')).status, 401);
});

t.test('a small file goes in one piece, and trains', async (t) => {
  const { sandbox, fal, send, authorize } = await startPythonClient(t);
  const { headers } = await authorize();
  const bytes = await photoZip(4, 128);
  const lifecycle = JSON.stringify({ expiration_duration_seconds: 3600 });
  const { status, body } = await send(
    'POST',
    'https://v3.fal.media/files/upload',
    {
      ...headers,
      'content-type': 'application/zip',
      'x-fal-file-name': 'a b.zip',
      'x-fal-object-lifecycle': lifecycle,
      'x-fal-object-lifecycle-preference': lifecycle,
    },
    bytes,
  );
  t.equal(status, 200);
  t.match(body, { access_url: /^https:\/\/v3b\.fal\.media\/files\/b\/.+a%20b\.zip$/, uploaded: true });
  t.same(await fetchBytes(sandbox, body.access_url), { type: 'application/zip', bytes });
  const [upload] = sandbox.files.uploads();
  t.match(upload?.file.lifecycle, { 'x-fal-object-lifecycle-preference': lifecycle });
  t.ok(upload?.file.expiresAt);

  const input = { images_data_url: body.access_url, steps: 100 };
  const { request_id: requestId } = await fal.queue.submit(portrait, { input });
  await sandbox.clock.advance(600);
  t.equal((await fal.queue.status(portrait, { requestId })).status, 'COMPLETED');
  t.type((await fal.queue.result(portrait, { requestId })).data.diffusers_lora_file.url, 'string');
});

t.test('a large file goes in parts, which may come in any order, and comes out joined', async (t) => {
  const { sandbox, send, authorize } = await startPythonClient(t);
  const { headers, base_url } = await authorize();
  const parts = [randomBytes(300_000), randomBytes(300_000), randomBytes(7)];
  const opened = await send('POST', `${base_url}/files/upload/multipart`, {
    ...headers,
    accept: 'application/json',
    'content-type': 'application/zip',
    'x-fal-file-name': 'photos.zip',
  });
  t.match(opened, { status: 200, body: { access_url: String, uploadId: String } });
  const { access_url, uploadId } = opened.body;
  const at = (step: number | string) => `${access_url}/multipart/${uploadId}/${step}`;
  const partHeaders = { ...headers, 'content-type': 'application/zip', 'accept-encoding': 'identity' };
  const sent = await Promise.all(
    [3, 1, 2].map(async (partNumber) => {
      const { status, etag } = await send('PUT', at(partNumber), partHeaders, parts[partNumber - 1]);
      t.equal(status, 200);
      t.match(etag, /^"[0-9a-f]{32}"$/);
      return { partNumber, etag };
    }),
  );
  t.equal((await sandbox.fetch(access_url)).status, 404, 'not there before it is complete');
  const json = { ...headers, 'content-type': 'application/json' };
  const finish = (list: unknown) => send('POST', at('complete'), json, JSON.stringify({ parts: list }));
  t.equal((await finish([])).status, 422);
  t.equal((await finish([{ partNumber: 1, etag: '"other"' }])).status, 400);
  t.equal((await finish(sent.toSorted((a, b) => a.partNumber - b.partNumber))).status, 200);
  t.same(await fetchBytes(sandbox, access_url), { type: 'application/zip', bytes: Buffer.concat(parts) });
});

t.test('nothing is taken without a token that still holds, or for an upload that is not there', async (t) => {
  const { sandbox, send, authorize } = await startPythonClient(t);
  const { headers, token } = await authorize();
  const whole = 'https://v3.fal.media/files/upload';
  const forged = `${Date.now() + 60_000}.${token.split('.')[1]}`;
  for (const authorization of ['', `Key ${key}`, 'Bearer x', `Bearer ${forged}`]) {
    t.equal((await send('POST', whole, { authorization }, 'x')).status, 401, authorization);
    t.equal((await send('POST', `${whole}/multipart`, { authorization })).status, 401, authorization);
    t.equal(
      (await send('PUT', 'https://v3b.fal.media/files/b/lion/x/multipart/1/1', { authorization }, 'x')).status,
      401,
    );
  }
  const nowhere = 'https://v3b.fal.media/files/b/lion/none.zip';
  t.equal((await send('PUT', `${nowhere}/multipart/none/1`, headers, 'x')).status, 404);
  t.equal((await send('POST', `${nowhere}/multipart/none/complete`, headers, '{}')).status, 404);
  t.equal((await send('PUT', nowhere, headers, 'x')).status, 404);
  const first = await send('POST', `${whole}/multipart`, headers);
  const second = await send('POST', `${whole}/multipart`, headers);
  const mixed = `${first.body.access_url}/multipart/${second.body.uploadId}/1`;
  t.equal((await send('PUT', mixed, headers, 'x')).status, 404, 'of another upload');
  t.equal((await send('PUT', `${first.body.access_url}/multipart/${first.body.uploadId}/x`, headers, 'x')).status, 400);

  sandbox.settings.cdn_token_seconds = 0;
  const { headers: over } = await authorize();
  t.equal((await send('POST', whole, over, 'x')).status, 401, 'its time is up');
});

t.test('each step of it can fail', async (t) => {
  const { sandbox, send, askToken, authorize } = await startPythonClient(t);
  const { headers } = await authorize();
  const whole = () => send('POST', 'https://v3.fal.media/files/upload', headers, 'x');
  sandbox.faults.add({ on: 'upload', fault: 'locked' });
  t.match(await askToken(), { status: 403, body: { detail: /^User is locked/ } });
  sandbox.faults.add({ on: 'upload', fault: 'put_unavailable' });
  t.equal((await whole()).status, 503);
  t.equal((await whole()).status, 200, 'and goes well when tried again');
  const { body } = await send('POST', 'https://v3b.fal.media/files/upload/multipart', headers);
  sandbox.faults.add({ on: 'upload', fault: 'part_unavailable' });
  t.equal((await send('PUT', `${body.access_url}/multipart/${body.uploadId}/1`, headers, 'x')).status, 503);
});

t.test('a token and what was uploaded by it outlive the sandbox, with a folder of its own', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'sandbox-test-'));
  // Done last: the sandboxes write there when they are closed.
  t.teardown(() => rmSync(dataDir, { recursive: true }));
  const first = await startPythonClient(t, { dataDir });
  const { headers } = await first.authorize();
  const { body } = await first.send('POST', 'https://v3.fal.media/files/upload', headers, 'abc');
  await first.sandbox.close();
  const second = await startPythonClient(t, { dataDir });
  t.equal(String((await fetchBytes(second.sandbox, body.access_url)).bytes), 'abc');
  t.equal((await second.send('POST', 'https://v3.fal.media/files/upload', headers, 'x')).status, 200);
});

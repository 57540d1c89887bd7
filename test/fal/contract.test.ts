import { createHash, createPublicKey, verify } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createFalClient } from '@fal-ai/client';
import { t, type Test } from '../support/tap.ts';
import { createFal, type FalOptions } from '../../src/fal/client.ts';
import type { Fal } from '../../src/fal/fal.ts';
import { mapUrl } from '../../src/fal/fetch.ts';
import { createKeySet } from '../../src/fal/key-set.ts';
import type { SubmitOutcome } from '../../src/fal/outcomes.ts';
import { readSafetensorsHeader } from '../../src/fal/safetensors.ts';
import { isSignedRequest, parseWebhookBody } from '../../src/fal/webhook-body.ts';
import {
  failureOf,
  key,
  photoZip,
  portrait,
  type Received,
  startReceiver,
  startSandbox,
} from '../packages/fal-sandbox/support.ts';

const dir = t.testdir();
const archive = join(dir, 'faces.zip');
const archiveBytes = await photoZip(5);
await writeFile(archive, archiveBytes);
// An address without a listener, and without a name lookup.
const webhookUrl = 'http://127.0.0.1:9/webhooks/fal?t=token';

async function start(t: Test, options: Partial<FalOptions> = {}) {
  const { sandbox } = await startSandbox(t);
  const fal = createFal({ mode: 'sandbox', key, baseUrl: sandbox.url(), timeoutMs: 5_000, ...options });
  const upload = async (name = 'faces-1.zip') => {
    const { url } = await fal.upload({
      path: archive,
      name,
      contentType: 'application/zip',
      expiresInSeconds: 604_800,
    });
    return url;
  };
  return { sandbox, fal, upload };
}

async function submitted(fal: Fal, input: Record<string, unknown>, url = webhookUrl): Promise<string> {
  const outcome = await fal.submit(portrait, input, { webhookUrl: url, startTimeoutSeconds: 3600 });
  if (outcome.kind !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(outcome)}`);
  return outcome.falRequestId;
}

await t.test("fal's own client, with nothing of ours but the mapping of hosts", async (t) => {
  const { sandbox } = await start(t);
  const client = createFalClient({
    credentials: key,
    fetch: (url, init) => fetch(mapUrl(url instanceof Request ? url.url : String(url), sandbox.url()), init),
  });
  const zip = new File([new Uint8Array(archiveBytes)], 'faces.zip', { type: 'application/zip' });
  const url = await client.storage.upload(zip, { lifecycle: { expiresIn: '7d' } });
  t.match(url, /^https:\/\/.+\.zip$/);

  const input = { images_data_url: url, steps: 300 };
  const { request_id: falRequestId } = await client.queue.submit(portrait, { input });
  t.match(await client.queue.status(portrait, { requestId: falRequestId, logs: true }), {
    status: 'IN_QUEUE',
    queue_position: 0,
  });
  await sandbox.clock.advance(10);
  t.match(await client.queue.status(portrait, { requestId: falRequestId, logs: true }), {
    status: 'IN_PROGRESS',
    logs: [{}],
  });
  const stream = await client.queue.streamStatus(portrait, { requestId: falRequestId, logs: true });
  await sandbox.clock.advance(200);
  t.match(await stream.done(), { status: 'COMPLETED' });
  const result = await client.queue.result(portrait, { requestId: falRequestId });
  t.match(result, {
    requestId: falRequestId,
    data: { diffusers_lora_file: { url: /\.safetensors$/ }, config_file: { url: /config/ } },
  });

  const { request_id: cancelled } = await client.queue.submit(portrait, { input });
  await client.queue.cancel(portrait, { requestId: cancelled });
  const ended = { status: 400, body: { status: 'ALREADY_COMPLETED' } };
  t.match(await failureOf(client.queue.cancel(portrait, { requestId: falRequestId })), ended);
});

await t.test("fal's own client repeats a POST whose connection broke, which is why ours ends the call", async (t) => {
  const { sandbox } = await startSandbox(t);
  sandbox.faults.add({ on: 'submit', fault: 'reset_after' });
  const client = createFalClient({ credentials: key, fetch: sandbox.fetch, retry: { maxRetries: 0 } });
  await client.queue.submit(portrait, { input: { images_data_url: 'https://x.test/a.zip' } });
  t.same(sandbox.submissions.byArchive(), { 'https://x.test/a.zip': { posts: 2, jobs: 2 } });
});

await t.test('ours: upload, submit, status, search, result and artifacts', async (t) => {
  const { sandbox, fal, upload } = await start(t);
  const url = await upload('faces-0193.zip');
  t.match(url, /faces-0193\.zip$/);
  const expiry = '{"expiration_duration_seconds":604800}';
  t.same(sandbox.files.uploads()[0]?.file.lifecycle, {
    'x-fal-object-lifecycle': expiry,
    'x-fal-object-lifecycle-preference': expiry,
  });

  const input = { images_data_url: url, steps: 300, learning_rate: 0.00009, trigger_phrase: 'Zoë' };
  const falRequestId = await submitted(fal, input);
  const [entry] = sandbox.submissions.list();
  t.equal(entry?.body, JSON.stringify(input), 'the input arrives byte for byte');
  t.equal(entry?.webhook_url, webhookUrl);
  t.same(await fal.status(portrait, falRequestId), { kind: 'in_queue', position: 0 });
  t.same(await fal.result(portrait, falRequestId), { kind: 'not_ready' });
  await sandbox.clock.advance(20);
  t.match(await fal.status(portrait, falRequestId), {
    kind: 'in_progress',
    logs: [{ message: String, level: String }],
  });

  await sandbox.clock.advance(200);
  t.match(await fal.status(portrait, falRequestId), { kind: 'completed', inferenceTime: Number });
  const result = await fal.result(portrait, falRequestId);
  if (result.kind !== 'ok') throw new Error(`no result: ${JSON.stringify(result)}`);
  t.match(result.data, { diffusers_lora_file: { url: /\.safetensors$/ }, config_file: { url: /config/ } });
  t.match(result.raw, /"seed": ?\d{17,20}\b/, 'every digit of a uint64');
  const loraUrl = /https:[^"]+\.safetensors/.exec(result.raw)?.[0] ?? '';
  const path = join(dir, 'lora.safetensors');
  const downloaded = await fal.download(loraUrl, { path, maxBytes: 10_000_000 });
  t.match(downloaded, { size: Number, sha256: /^[0-9a-f]{64}$/ });
  t.match(await readSafetensorsHeader(path), { dtypes: { BF16: 6 }, metadata: { sandbox: 'true' } });

  const found = await fal.findRequests(portrait, { start: new Date(Date.now() - 3_600_000) });
  t.match(found, { items: [{ falRequestId, input, statusCode: 200 }], nextCursor: null });
  t.same(await fal.cancel(portrait, falRequestId), { kind: 'already_completed' });
});

await t.test('ours: one POST whatever happens, and no refusal of a job that exists', async (t) => {
  const { sandbox, fal } = await start(t, { timeoutMs: 400 });
  const kinds: Record<string, SubmitOutcome['kind']> = {
    unavailable_before: 'unknown',
    unavailable_after: 'unknown',
    reset_before: 'unknown',
    reset_after: 'unknown',
    cut_body: 'unknown',
    timeout: 'unknown',
    unauthorized: 'refused',
    forbidden: 'refused',
    locked: 'refused',
    rate_limited: 'refused',
    not_found: 'refused',
    server_error: 'refused',
  };
  for (const [fault, kind] of Object.entries(kinds)) {
    const input = { images_data_url: `https://v3.fal.media/files/${fault}.zip` };
    sandbox.faults.set([{ on: 'submit', fault }]);
    const outcome = await fal.submit(portrait, input, { webhookUrl, startTimeoutSeconds: 60 });
    const { posts, jobs } = sandbox.submissions.byArchive()[input.images_data_url] ?? {};
    t.match({ kind: outcome.kind, posts }, { kind, posts: 1 }, fault);
    if (kind === 'refused') t.equal(jobs, 0, `${fault}: no job`);
  }
});

await t.test('ours: a failed job, and every way to cancel one', async (t) => {
  const { sandbox, fal, upload } = await start(t);
  const url = await upload();
  const refused = await submitted(fal, { images_data_url: url, steps: 99_999 });
  await sandbox.clock.advance(60);
  t.match(await fal.status(portrait, refused), { kind: 'failed', error: String });
  t.match(await fal.result(portrait, refused), {
    kind: 'failed',
    failure: { status: 422, types: ['less_than_equal'] },
  });

  const cancelled = await submitted(fal, { images_data_url: url, steps: 300 });
  t.same(await fal.cancel(portrait, cancelled), { kind: 'requested' });
  await sandbox.clock.advance(60);
  t.match(await fal.status(portrait, cancelled), { kind: 'failed', errorType: 'client_cancelled' });
  t.match(await fal.result(portrait, cancelled), { kind: 'failed', failure: { status: 499 } });

  sandbox.settings.cancel = 'vanishes';
  const vanished = await submitted(fal, { images_data_url: url, steps: 300 });
  t.same(await fal.cancel(portrait, vanished), { kind: 'requested' });
  t.same(await fal.status(portrait, vanished), { kind: 'not_found' });
  t.same(await fal.cancel(portrait, 'unknown-id'), { kind: 'not_found' });
  t.same(await fal.result(portrait, 'unknown-id'), { kind: 'gone' });
});

await t.test('ours: files that fal spoils', async (t) => {
  const { sandbox, fal, upload } = await start(t);
  const falRequestId = await submitted(fal, { images_data_url: await upload(), steps: 100 });
  await sandbox.clock.advance(120);
  const result = await fal.result(portrait, falRequestId);
  const url = (result.kind === 'ok' && /https:[^"]+\.safetensors/.exec(result.raw)?.[0]) || '';
  const path = join(dir, 'spoilt.safetensors');
  const to = { path, maxBytes: 10_000_000, resume: true };
  const fails = async (fault: string, code: string) => {
    sandbox.faults.set([{ on: 'file', fault }]);
    await t.rejects(fal.download(url, to), { code }, fault);
  };
  await fails('missing', 'gone');
  await fails('unavailable', 'unavailable');
  await fails('cut', 'unavailable');
  const { sha256 } = await fal.download(url, to);
  await t.rejects(fal.download(url, { path: join(dir, 'small'), maxBytes: 1000 }), { code: 'too_large' });
  for (const fault of ['wrong_bytes', 'empty']) {
    sandbox.faults.set([{ on: 'file', fault }]);
    const spoilt = await fal.download(url, { ...to, resume: false });
    t.not(spoilt.sha256, sha256);
    await t.rejects(readSafetensorsHeader(path), { code: 'invalid_safetensors' }, fault);
  }
});

type Jwks = { keys: { x: string }[] };

/** Verifies a webhook by the words of the contract alone (fal contract §2.2), with nothing of ours. */
function verifiesByTheContract({ headers, raw }: Received, jwks: Jwks, now: number): boolean {
  const header = (name: string) => String(headers[`x-fal-webhook-${name}`]);
  if (Math.abs(now / 1000 - Number(header('timestamp'))) > 300) return false;
  const hash = createHash('sha256').update(raw).digest('hex');
  const message = Buffer.from(`${header('request-id')}\n${header('user-id')}\n${header('timestamp')}\n${hash}`, 'utf8');
  return jwks.keys.some(({ x }) => {
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    return verify(null, message, publicKey, Buffer.from(header('signature'), 'hex'));
  });
}

await t.test("the sandbox's webhooks, by a verifier from the contract's text and by ours", async (t) => {
  const { sandbox, fal, upload } = await start(t);
  const receiver = await startReceiver(t, sandbox);
  const fetchJwks = async () => {
    const answer = await fetch(`${sandbox.url()}/rest.fal.ai/.well-known/jwks.json`);
    const jwks: Jwks = JSON.parse(await answer.text());
    return jwks;
  };
  const jwks = await fetchJwks();
  t.ok(jwks.keys.length > 1, 'an old key comes first');
  const keySet = createKeySet({
    fetchKeys: () => fal.fetchSigningKeys(),
    load: () => Promise.resolve(null),
    save: () => Promise.resolve(),
    coolDownMs: 0,
  });
  const url = await upload();
  const deliver = async (fault: string | null, steps = 100): Promise<Received> => {
    sandbox.faults.set(fault === null ? [] : [{ on: 'webhook', fault, attempts: 1 }]);
    const before = receiver.received.length;
    await submitted(fal, { images_data_url: url, steps }, receiver.url);
    await sandbox.clock.advance(100);
    const received = receiver.received[before];
    if (received === undefined) throw new Error(`no webhook came: ${fault}`);
    return received;
  };
  const verdictOn = ({ headers, raw }: Received) => keySet.verify({ headers, rawBody: raw });

  const genuine = await deliver(null);
  t.equal(verifiesByTheContract(genuine, jwks, Date.now()), true);
  const verdict = await verdictOn(genuine);
  t.match(verdict, { kind: 'verified', userId: sandbox.userId });
  const body = parseWebhookBody(genuine.raw);
  t.match(body, { kind: 'ok' });
  const seed = /"seed": ?(\d{17,20})\b/.exec(genuine.raw.toString())?.[1];
  t.ok(seed !== undefined && String(Number(seed)) !== seed, 'a seed that numbers cannot hold');
  t.ok(body.kind === 'ok' && body.payloadText.includes(`"seed":${seed}`), 'keeps every digit');
  t.ok(verdict.kind === 'verified' && isSignedRequest(verdict.falRequestId, body));
  const reserialised = { ...genuine, raw: Buffer.from(JSON.stringify(JSON.parse(genuine.raw.toString()))) };
  t.equal(verifiesByTheContract(reserialised, jwks, Date.now()), false);
  t.match(await verdictOn(reserialised), { kind: 'rejected', reason: 'no_match' });

  const failed = await deliver(null, 99_999);
  t.equal(verifiesByTheContract(failed, jwks, Date.now()), true);
  t.match(parseWebhookBody(failed.raw), { kind: 'error', failure: { status: 422, types: ['less_than_equal'] } });
  t.match(parseWebhookBody((await deliver('payload_error')).raw), { kind: 'payload_error' });

  const reasons = {
    stale_timestamp: 'stale',
    future_timestamp: 'future',
    wrong_key: 'no_match',
    tampered_body: 'no_match',
  };
  for (const [fault, reason] of Object.entries(reasons)) {
    const forged = await deliver(fault);
    t.equal(verifiesByTheContract(forged, jwks, Date.now()), false, fault);
    t.match(await verdictOn(forged), { kind: 'rejected', reason }, fault);
  }
  const foreign = await verdictOn(await deliver('foreign_signer'));
  t.ok(foreign.kind === 'verified' && foreign.userId !== sandbox.userId, 'the signer is told, not judged');

  sandbox.signing.rotate({ forget: true });
  const rotated = await deliver(null);
  t.equal(verifiesByTheContract(rotated, await fetchJwks(), Date.now()), true);
  t.match(await verdictOn(rotated), { kind: 'verified' }, 'a new key is fetched');
});

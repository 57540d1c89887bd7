import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openAsBlob } from 'node:fs';
import { makeSamplePhotos } from '../../src/commands/demo/sample-photos.ts';
import { developmentKey } from '../../src/commands/development/api-key.ts';
import { startReceiver } from '../../lab/ground/receiver.ts';
import { startService } from './service.ts';
import { until } from './until.ts';

/* Writes openapi/examples.json: the response to one call of each operation. Part of `npm run openapi`. */

const ends: (() => Promise<void>)[] = [];
const scope = { teardown: (end: () => Promise<void>) => void ends.push(end) };
const recorded: Record<string, unknown> = {};

type Answer = { id: string; status: string } & Record<string, unknown>;

const environment = { ALLOW_PRIVATE_WEBHOOKS: 'true' };
const { app, url } = await startService(scope, { environment, sandbox: { speed: 200 } });
const folder = await mkdtemp(join(tmpdir(), 'likeness-examples-'));
ends.push(() => rm(folder, { recursive: true }));
const { key } = await developmentKey(app, folder);

/** Makes a call and keeps its response as the operation's example. */
async function record(operation: string, method: string, path: string, body?: object | FormData): Promise<Answer> {
  const headers: Record<string, string> = { authorization: `Bearer ${key}` };
  if (body && !(body instanceof FormData)) headers['content-type'] = 'application/json';
  const sent = body instanceof FormData ? body : body && JSON.stringify(body);
  const response = await fetch(`${url}${path}`, { method, headers, ...(sent && { body: sent }) });
  const answer = (await response.json()) as Answer;
  if (!response.ok) throw new Error(`${operation}: ${JSON.stringify(answer)}`);
  recorded[`${operation} ${response.status}`] = shortened(answer);
  return answer;
}

/** Shortens lists to one item, and logs to a few lines. */
function shortened(answer: Answer): unknown {
  const copy = structuredClone(answer);
  for (const name of ['data', 'photos', 'accepted']) {
    const list = copy[name];
    if (Array.isArray(list)) copy[name] = list.slice(0, 1);
  }
  if (typeof copy['training_logs'] === 'string') copy['training_logs'] = copy['training_logs'].slice(0, 80);
  return copy;
}

const person = { external_id: 'customer-42', first_name: 'Ada' };
const user = await record('upsertUser', 'POST', '/v1/users', person);
await record('upsertUser', 'POST', '/v1/users', person);
await record('getUser', 'GET', `/v1/users/${user.id}`);
await record('updateUser', 'PATCH', `/v1/users/${user.id}`, { is_premium: true });
const avatar = await record('createAvatar', 'POST', '/v1/avatars', {
  user_id: user.id,
  name: 'Ada',
  gender: 'female',
  training_type: 'portrait',
});
const here = `/v1/avatars/${avatar.id}`;
await record('getDraft', 'GET', `/v1/users/${user.id}/draft`);
await record('setMainAvatar', 'PUT', `/v1/users/${user.id}/main-avatar`, { avatar_id: avatar.id });
const form = new FormData();
for (const path of await makeSamplePhotos(folder))
  form.append('photos', await openAsBlob(path), path.split('/').at(-1));
form.append('photos', new Blob(['%PDF-1.4']), 'letter.pdf');
const photos = await record('addPhotos', 'POST', `${here}/photos`, form);
await record('listPhotos', 'GET', `${here}/photos`);
const [photo] = photos['accepted'] as Answer[];
await record('getPhoto', 'GET', `${here}/photos/${photo?.id}`);
await record('listTrainers', 'GET', '/v1/trainers');
await record('listModels', 'GET', '/v1/models');
const items = [
  { name: 'spring', prompt: '{subject} under a tree in bloom', num_images: 2, aspect_ratio: '3:4' },
  { name: 'winter', prompt: '{subject} in the snow' },
];
await record('putPack', 'PUT', '/v1/packs/seasons', { title: 'Seasons', items });
await record('putPack', 'PUT', '/v1/packs/seasons', { title: 'Seasons', public: true, items });
await record('getPack', 'GET', '/v1/packs/seasons');
await record('listPacks', 'GET', '/v1/packs');
await record('startTraining', 'POST', `${here}/trainings`, { preset: 'fast', dry_run: true });
const first = await record('startTraining', 'POST', `${here}/trainings`, { preset: 'fast' });
await record('cancelTraining', 'POST', `/v1/trainings/${first.id}/cancel`);
await ended(first.id);
const training = await record('retryTraining', 'POST', `/v1/trainings/${first.id}/retry`);
await ended(training.id);
await record('getTraining', 'GET', `/v1/trainings/${training.id}`);
recorded['acceptLateResult 200'] = recorded['getTraining 200'];
await record('listTrainings', 'GET', '/v1/trainings');
await record('listAvatarTrainings', 'GET', `${here}/trainings`);
await record('listTrainingLogs', 'GET', `/v1/trainings/${training.id}/logs`);
await record('linkArtifact', 'POST', `/v1/trainings/${training.id}/artifacts/lora/link`, {});
await record('startGeneration', 'POST', `${here}/generations`, { prompt: 'at the sea', num_images: 2, dry_run: true });
const asked = { prompt: 'on a bicycle in the rain', aspect_ratio: '3:4' };
const generation = await record('startGeneration', 'POST', `${here}/generations`, asked);
const its = `/v1/generations/${generation.id}`;
await until('the images', async () => (await record('getGeneration', 'GET', its)).status === 'succeeded', 60_000);
await record('listGenerations', 'GET', '/v1/generations');
await record('listAvatarGenerations', 'GET', `${here}/generations`);
await record('repeatGeneration', 'POST', `${its}/repeat`, { dry_run: true });
const repeat = await record('repeatGeneration', 'POST', `${its}/repeat`, {});
await record('cancelGeneration', 'POST', `/v1/generations/${repeat.id}/cancel`);
await record('startBatch', 'POST', `${here}/batches`, { pack: 'seasons', dry_run: true });
const batch = await record('startBatch', 'POST', `${here}/batches`, { pack: 'seasons' });
const ofIt = `/v1/batches/${batch.id}`;
await until('the batch', async () => (await record('getBatch', 'GET', ofIt)).status === 'ended', 60_000);
await record('listBatches', 'GET', '/v1/batches');
const second = await record('startBatch', 'POST', `${here}/batches`, { prompts: ['at the sea', 'in the snow'] });
await record('cancelBatch', 'POST', `/v1/batches/${second.id}/cancel`);
recorded['acceptLateImages 200'] = recorded['getGeneration 200'];
const [image] = (await record('listImages', 'GET', `/v1/images?generation_id=${generation.id}`))['data'] as Answer[];
await record('getImage', 'GET', `/v1/images/${image?.id}`);
await record('updateImage', 'PATCH', `/v1/images/${image?.id}`, { favorite: true });
await record('linkImage', 'POST', `/v1/images/${image?.id}/link`, { file: 'thumbnail' });
await record('getAvatar', 'GET', here);
await record('listAvatars', 'GET', '/v1/avatars');
await record('updateAvatar', 'PATCH', here, { name: 'Ada Lovelace' });
await record('listEvents', 'GET', `/v1/events?training_id=${training.id}`);
recorded['receiveFalWebhook 200'] = { received: true };

const receiver = await startReceiver(scope);
const wanted = { url: receiver.url, event_types: ['training.succeeded', 'training.failed'] };
const endpoint = await record('createWebhookEndpoint', 'POST', '/v1/webhook-endpoints', wanted);
const hooks = `/v1/webhook-endpoints/${endpoint.id}`;
await record('listWebhookEndpoints', 'GET', '/v1/webhook-endpoints');
await record('updateWebhookEndpoint', 'PATCH', hooks, { description: 'The bot' });
await record('getWebhookEndpoint', 'GET', hooks);
await record('pingWebhookEndpoint', 'POST', `${hooks}/ping`);
await until('the ping', () => receiver.arrivals.length === 1);
const deliveries = await until('its record', async () => {
  const answer = await record('listWebhookDeliveries', 'GET', `${hooks}/deliveries?status=delivered`);
  return (answer['data'] as Answer[]).length === 1 && (answer['data'] as Answer[]);
});
await record('redeliverWebhook', 'POST', `${hooks}/deliveries/${deliveries[0]?.id}/redeliver`);
await record('redeliverWebhooksSince', 'POST', `${hooks}/redeliver`, { since: '2026-11-22T12:00:00.000Z' });
await record('rotateWebhookSecret', 'POST', `${hooks}/rotate-secret`);

const text = `${JSON.stringify(recorded, null, 2)}\n`
  .replaceAll(url, 'https://likeness.example')
  .replaceAll(receiver.url, 'https://bot.example.com/webhooks/likeness');
const path = resolve(import.meta.dirname, '../../openapi/examples.json');
const before: Record<string, unknown> = JSON.parse(await readFile(path, 'utf8'));
const now: Record<string, unknown> = JSON.parse(text);
// Ids and times differ each time, so an example is replaced only when its form changes.
const kept = Object.entries(now).map(([name, answer]) => {
  const same = JSON.stringify(formOf(before[name])) === JSON.stringify(formOf(answer));
  return [name, same ? before[name] : answer];
});
await writeFile(path, `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n`);
for (const end of ends.toReversed()) await end();

function formOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(formOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.entries(value).map(([name, member]) => [name, formOf(member)]);
}

async function ended(id: string): Promise<void> {
  await until('the end of the training', async () => {
    const response = await fetch(`${url}/v1/trainings/${id}`, { headers: { authorization: `Bearer ${key}` } });
    return /"status":"(succeeded|cancelled)"/.test(await response.text());
  });
}

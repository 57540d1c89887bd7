import { createHash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { startTraining } from '../../../src/features/trainings/start.ts';
import type { StoredImage } from '../../../src/platform/db/schema.ts';
import type { TestApp } from '../../support/app.ts';
import { arrangeAvatar, arrangeImages } from '../../support/arrange.ts';
import { jpeg } from '../../../lab/ground/pictures.ts';
import { generationRow, insertRow, trainingRow } from '../../../lab/ground/rows.ts';
import { until } from '../../support/until.ts';

/** A POST that succeeds, and whether its answer may be given again. */
export type Repeat = { kept: boolean; path: string; json?: unknown; files?: Buffer[] };

const webhook = { url: 'https://receiver.example/hooks' };

/** One call of every POST of the API, each on resources of its own. */
export function repeats(service: TestApp): Record<string, () => Promise<Repeat>> {
  const { app, call, database, makeUser, makeAvatar } = service;

  const ready = () => arrangeAvatar(app, { photos: 4, trainingType: 'style' });

  async function makeEndpoint(): Promise<string> {
    return (await call('POST', '/v1/webhook-endpoints', { json: webhook })).body.id;
  }

  async function start(): Promise<{ id: string; avatarId: string }> {
    const { avatarId } = await ready();
    const { id } = await startTraining(app, avatarId, { steps: 20 });
    return { id, avatarId };
  }

  /** A training that has ended, by a row: how it got there is told elsewhere. */
  async function ended(changes: Record<string, unknown>, avatar?: Awaited<ReturnType<typeof ready>>): Promise<string> {
    const { userId, avatarId, photoIds } = avatar ?? (await ready());
    const id = uuidv7();
    const now = new Date().toISOString();
    const sent = { submission_id: uuidv7(), fal_input: {}, fal_request_id: id, ended_at: now, charged: 'yes' };
    const kind = { trainer: 'fast', training_type: 'style', endpoint: 'fal-ai/flux-lora-fast-training' };
    const about = { settings: { steps: 20 }, photo_manifest: photoIds.map((photo) => ({ id: photo, sha256: null })) };
    const row = trainingRow(userId, avatarId, { id, ...sent, ...kind, ...about, ...changes });
    await insertRow(database.pool, 'trainings', row);
    return id;
  }

  const sha256 = createHash('sha256').digest('hex');
  const file = { url: 'https://v3.fal.media/x', storage_key: 'x', size: 1, sha256, content_type: 'application/json' };
  const artifacts = { lora: file, config: file };
  const lateImage: StoredImage = {
    index: 0,
    status: 'ok',
    width: 96,
    height: 128,
    content_type: 'image/jpeg',
    size: 1,
    sha256,
    source_sha256: sha256,
    storage_key: 'x',
    thumbnail_key: 'y',
  };
  const error = { code: 'timeout', message: 'too late', detail: null, retryable: true, provider_request_id: null };

  /** An avatar that makes images. */
  async function trained() {
    const avatar = await ready();
    await ended({ status: 'succeeded', artifacts, progress: 100 }, avatar);
    return avatar;
  }

  const wish = { prompt: 'at the sea' };

  async function made(body: object = wish, what = 'generations'): Promise<string> {
    return (await call('POST', `/v1/avatars/${(await trained()).avatarId}/${what}`, { json: body })).body.id;
  }

  return {
    startGeneration: async () => ({
      kept: true,
      path: `/v1/avatars/${(await trained()).avatarId}/generations`,
      json: wish,
    }),
    cancelGeneration: async () => ({ kept: true, path: `/v1/generations/${await made()}/cancel` }),
    repeatGeneration: async () => ({ kept: true, path: `/v1/generations/${await made()}/repeat`, json: {} }),
    acceptLateImages: async () => {
      const { userId, avatarId } = await trained();
      const row = generationRow(userId, avatarId, {
        status: 'failed',
        error,
        images_ok: 0,
        late_result: {},
        late_artifacts: JSON.stringify([lateImage]),
      });
      await insertRow(database.pool, 'generations', row);
      return { kept: true, path: `/v1/generations/${String(row['id'])}/accept-late-result` };
    },
    linkImage: async () => {
      const { userId, avatarId } = await trained();
      const [image] = await arrangeImages(app, { userId, avatarId });
      return { kept: true, path: `/v1/images/${image?.id}/link`, json: {} };
    },
    startBatch: async () => ({
      kept: true,
      path: `/v1/avatars/${(await trained()).avatarId}/batches`,
      json: { prompts: ['at the sea', 'in the rain'] },
    }),
    cancelBatch: async () => ({
      kept: true,
      path: `/v1/batches/${await made({ prompts: ['at the sea'] }, 'batches')}/cancel`,
    }),
    upsertUser: async () => ({ kept: true, path: '/v1/users', json: { external_id: uuidv7() } }),
    createUserToken: async () => ({ kept: false, path: `/v1/users/${(await makeUser()).id}/tokens`, json: {} }),
    createAvatar: async () => ({
      kept: true,
      path: '/v1/avatars',
      json: { user_id: (await makeUser()).id, name: 'Ada', gender: 'female', training_type: 'portrait' },
    }),
    addPhotos: async () => ({
      kept: true,
      path: `/v1/avatars/${(await makeAvatar()).id}/photos`,
      files: [await jpeg(), await jpeg()],
    }),
    startTraining: async () => ({
      kept: true,
      path: `/v1/avatars/${(await ready()).avatarId}/trainings`,
      json: { steps: 20 },
    }),
    cancelTraining: async () => ({ kept: true, path: `/v1/trainings/${(await start()).id}/cancel` }),
    retryTraining: async () => ({
      kept: true,
      path: `/v1/trainings/${await ended({ status: 'failed', error })}/retry`,
    }),
    acceptLateResult: async () => {
      const late = { late_result: {}, late_artifacts: artifacts };
      const id = await ended({ status: 'failed', error, ...late });
      return { kept: true, path: `/v1/trainings/${id}/accept-late-result` };
    },
    linkArtifact: async () => {
      const id = await ended({ status: 'succeeded', artifacts, progress: 100 });
      return { kept: true, path: `/v1/trainings/${id}/artifacts/lora/link`, json: {} };
    },
    createWebhookEndpoint: async () => ({ kept: false, path: '/v1/webhook-endpoints', json: webhook }),
    rotateWebhookSecret: async () => ({
      kept: false,
      path: `/v1/webhook-endpoints/${await makeEndpoint()}/rotate-secret`,
    }),
    pingWebhookEndpoint: async () => ({ kept: true, path: `/v1/webhook-endpoints/${await makeEndpoint()}/ping` }),
    redeliverWebhook: async () => {
      const path = `/v1/webhook-endpoints/${await makeEndpoint()}`;
      await call('POST', `${path}/ping`);
      const delivery = await until('a delivery', async () => (await call('GET', `${path}/deliveries`)).body.data[0]);
      return { kept: true, path: `${path}/deliveries/${delivery.id}/redeliver` };
    },
    redeliverWebhooksSince: async () => ({
      kept: true,
      path: `/v1/webhook-endpoints/${await makeEndpoint()}/redeliver`,
      json: { since: '2026-01-01T00:00:00Z' },
    }),
    createKey: async () => ({ kept: false, path: '/v1/keys', json: { name: 'bot', scopes: ['avatars:read'] } }),
    rotateKey: async () => {
      const { body } = await call('POST', '/v1/keys', { json: { name: 'old', scopes: ['avatars:read'] } });
      return { kept: false, path: `/v1/keys/${body.id}/rotate`, json: {} };
    },
  };
}

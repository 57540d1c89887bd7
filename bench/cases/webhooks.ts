import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { attemptToken } from '../../src/trainings/token.ts';
import { compare, type Comparison, type Pace } from '../compare.ts';
import type { Ground } from '../ground.ts';
import type { LoadRequest } from '../load.ts';
import { startBaseline, startOurs } from '../service.ts';

const falUser = 'github|bench';
const distinct = 1000;

/** Durable intake of signed webhooks beside a handler that makes the same checks and one insert for each. */
export async function measureIntake(ground: Ground, pace: Pace): Promise<Comparison> {
  const signer = createSigner();
  const databaseUrl = await ground.database('intake');
  await publish(ground, databaseUrl, signer);
  const ours = await startOurs(ground, { role: 'api', databaseUrl });
  const [row] = await ground.query<{ secret: Buffer }>(databaseUrl, 'select secret from installation');
  const secret = row?.secret ?? Buffer.alloc(0);
  const environment = {
    DATABASE_URL: await ground.database('intake_baseline'),
    KEYS: signer.x,
    SECRET: secret.toString('hex'),
  };
  try {
    const bare = await startBaseline(ground, 'webhook', { path: '/', environment }).catch(async (error: unknown) => {
      await ours.stop();
      throw error;
    });
    const requests = () => Array.from({ length: distinct }, () => delivery(signer, secret));
    try {
      const contenders = [
        { name: 'Likeness', process: ours, requests },
        { name: 'Fastify, one prepared insert a request', process: bare, requests },
      ];
      return await compare({ title: 'Webhook intake', target: 1, contenders, postgres: ground.postgres }, pace);
    } finally {
      await bare.stop();
    }
  } finally {
    await ours.stop();
  }
}

export type Signer = { privateKey: KeyObject; x: string };

export function createSigner(): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { privateKey, x: publicKey.export({ format: 'jwk' }).x ?? '' };
}

/** Makes the key one of fal's for every process over the database, without anybody asking fal. */
export async function publish(ground: Ground, databaseUrl: string, { x }: Signer): Promise<void> {
  const keys = JSON.stringify([{ kty: 'OKP', crv: 'Ed25519', x }]);
  await ground.query(databaseUrl, 'insert into fal_signing_keys (id, keys, fetched_at) values (1, $1, now())', [keys]);
}

export type Subject = { trainingId: string; submissionId: string; requestId: string };

/** A webhook of about 2 KB as fal signs it (fal contract §2), about some job of this installation. */
export function delivery(
  signer: Signer,
  secret: Buffer,
  { trainingId, submissionId, requestId }: Subject = {
    trainingId: uuidv7(),
    submissionId: uuidv7(),
    requestId: uuidv7(),
  },
): LoadRequest {
  const file = (name: string) => ({
    url: `https://v3.fal.media/files/bench/${requestId}/${name}`,
    content_type: 'application/octet-stream',
    file_name: name,
    file_size: 89_745_224,
  });
  const payload = {
    diffusers_lora_file: file('pytorch_lora_weights.safetensors'),
    config_file: file('config.json'),
    debug_preprocessed_output: null,
    experimental: 'x'.repeat(1000),
  };
  const body = JSON.stringify({
    error: null,
    gateway_request_id: requestId,
    payload,
    request_id: requestId,
    status: 'OK',
  });
  const timestamp = String(Math.floor(Date.now() / 1000));
  const digest = createHash('sha256').update(body).digest('hex');
  const signed = Buffer.from([requestId, falUser, timestamp, digest].join('\n'));
  return {
    method: 'POST',
    path: `/webhooks/fal?t=${attemptToken(secret, { trainingId, submissionId })}`,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'fal-webhooks',
      'x-fal-webhook-request-id': requestId,
      'x-fal-webhook-user-id': falUser,
      'x-fal-webhook-timestamp': timestamp,
      'x-fal-webhook-signature': sign(null, signed, signer.privateKey).toString('hex'),
    },
    body,
  };
}

import { generateKeyPairSync } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { jobToken } from '../../src/fal-jobs/token.ts';
import { signerWith, type Signer as SignHeaders } from '../ground/sign.ts';
import type { Ground } from './ground.ts';
import type { LoadRequest } from './load.ts';

const falUser = 'github|bench';

export type Signer = { sign: SignHeaders; x: string };

export function createSigner(): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { sign: signerWith(privateKey, falUser), x: publicKey.export({ format: 'jwk' }).x ?? '' };
}

/** Stores a key as one of fal's, for all processes on the database. */
export async function publish(ground: Ground, databaseUrl: string, { x }: Signer): Promise<void> {
  const keys = JSON.stringify([{ kty: 'OKP', crv: 'Ed25519', x }]);
  await ground.query(databaseUrl, 'insert into fal_signing_keys (id, keys, fetched_at) values (1, $1, now())', [keys]);
}

/** The secret of the installation on a database. */
export async function secretOf(ground: Ground, databaseUrl: string): Promise<Buffer> {
  const [row] = await ground.query<{ secret: Buffer }>(databaseUrl, 'select secret from installation');
  if (!row) throw new Error('nothing was booted over the database yet');
  return row.secret;
}

export type Subject = { trainingId: string; submissionId: string; requestId: string };

/** A webhook of about 2 KB, signed as fal does (fal contract §2), about a job of this installation. */
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
  return {
    method: 'POST',
    path: `/webhooks/fal?t=${jobToken(secret, { kind: 'training', jobId: trainingId, submissionId })}`,
    headers: { ...signer.sign(requestId, body), 'user-agent': 'fal-webhooks' },
    body,
  };
}

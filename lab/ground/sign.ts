import { createHash, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export type SignedHeaders = Record<string, string>;
export type Signer = (requestId: string, rawBody: Buffer | string, timestamp?: number) => SignedHeaders;

/**
 * Creates a signer of webhooks with the sandbox's current key, read from its folder. Signing in process allows some
 * thousand deliveries a second (fal contract §2.2).
 * @param userId the fal account that signs
 */
export async function createSigner(sandboxDataDir: string, userId = 'github|sandbox'): Promise<Signer> {
  return signerWith(await readKey(sandboxDataDir), userId);
}

/** Creates a signer of webhooks with an Ed25519 key (fal contract §2.2). */
export function signerWith(key: KeyObject, userId: string): Signer {
  return (requestId, rawBody, timestamp = Math.floor(Date.now() / 1000)) => {
    const hash = createHash('sha256').update(rawBody).digest('hex');
    const message = Buffer.from([requestId, userId, String(timestamp), hash].join('\n'));
    return {
      'content-type': 'application/json',
      'x-fal-webhook-request-id': requestId,
      'x-fal-webhook-user-id': userId,
      'x-fal-webhook-timestamp': String(timestamp),
      'x-fal-webhook-signature': sign(null, message, key).toString('hex'),
    };
  };
}

async function readKey(folder: string): Promise<KeyObject> {
  const keys: unknown = JSON.parse(await readFile(join(folder, 'keys.json'), 'utf8'));
  const last: unknown = Array.isArray(keys) ? keys.at(-1) : null;
  const pem = typeof last === 'object' && last !== null && 'pem' in last ? last.pem : null;
  if (typeof pem !== 'string') throw new Error('the sandbox keeps no signing key');
  return createPrivateKey(pem);
}

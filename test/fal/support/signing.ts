import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { SigningKey, WebhookHeaders } from '../../../src/fal/signature.ts';

export type Signer = { privateKey: KeyObject; key: SigningKey };

export function createSigner(kid: string | null = null): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { privateKey, key: { x: publicKey.export({ format: 'jwk' }).x ?? '', kid } };
}

export type Signed = { headers: WebhookHeaders; rawBody: Buffer };

/** Signs a body as the contract says fal does, at a time. */
export function signWebhook(signer: Signer, at: Date, body: string | Buffer, requestId = 'request-1'): Signed {
  const rawBody = Buffer.from(body);
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const digest = createHash('sha256').update(rawBody).digest('hex');
  const message = [requestId, 'github|123', timestamp, digest].join('\n');
  return {
    rawBody,
    headers: {
      'x-fal-webhook-request-id': requestId,
      'x-fal-webhook-user-id': 'github|123',
      'x-fal-webhook-timestamp': timestamp,
      'x-fal-webhook-signature': sign(null, Buffer.from(message), signer.privateKey).toString('hex'),
    },
  };
}

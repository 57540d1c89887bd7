import { createHash, createPublicKey, verify } from 'node:crypto';
import type { Sandbox } from '../../../packages/fal-sandbox/src/server.ts';
import type { Received } from './support.ts';

/** The check of fal's docs, written from the words of fal contract §2.2 alone: every key of the set, ±300 s. */
export async function isGenuine(
  sandbox: Sandbox,
  { headers, raw }: Pick<Received, 'headers' | 'raw'>,
): Promise<boolean> {
  const header = (name: string): string => String(headers[`x-fal-webhook-${name}`]);
  if (Math.abs(Date.now() / 1000 - Number(header('timestamp'))) > 300) return false;
  if (JSON.parse(raw.toString()).request_id !== header('request-id')) return false;
  const hash = createHash('sha256').update(raw).digest('hex');
  const message = Buffer.from([header('request-id'), header('user-id'), header('timestamp'), hash].join('\n'));
  const response = await sandbox.fetch('https://rest.fal.ai/.well-known/jwks.json');
  const { keys }: { keys: { x: string; kty: string; crv: string }[] } = JSON.parse(await response.text());
  return keys.some((key) => {
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key.x }, format: 'jwk' });
    return verify(null, message, publicKey, Buffer.from(header('signature'), 'hex'));
  });
}

import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';

/** @returns 256 random bits in the form of Standard Webhooks */
export function makeSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

export type Secrets = { secret: string; previous_secret: string | null; previous_secret_expires_at: Date | null };

/**
 * @param body the exact text that is sent
 * @returns headers after Standard Webhooks: a signature by the secret, and one by the previous secret until it expires
 */
export function signatureHeaders(
  { secret, previous_secret, previous_secret_expires_at }: Secrets,
  { id, body, at }: { id: string; body: string; at: Date },
): Record<string, string> {
  const isOverlap = previous_secret_expires_at !== null && previous_secret_expires_at > at;
  const secrets = [secret, ...(isOverlap && previous_secret !== null ? [previous_secret] : [])];
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': secrets.map((each) => new Webhook(each).sign(id, at, body)).join(' '),
  };
}

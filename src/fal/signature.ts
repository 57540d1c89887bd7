import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { isRecord } from './shapes.ts';

/** An Ed25519 key of fal's JWKS: `x` is the public key, 32 bytes in base64url. */
export type SigningKey = { x: string; kid: string | null };

/** From node:http; names in lower case. */
export type WebhookHeaders = Readonly<Record<string, string | string[] | undefined>>;

type Implausible = { ok: false; reason: 'missing_header' | 'malformed' | 'stale' | 'future'; skewSeconds?: number };

export type SignatureHeaders =
  | { ok: true; falRequestId: string; userId: string; timestamp: string; signature: string; skewSeconds: number }
  | Implausible;

export type SignatureVerdict =
  | { ok: true; falRequestId: string; userId: string; timestamp: number; skewSeconds: number }
  | Implausible
  | { ok: false; reason: 'no_match'; skewSeconds?: number };

export type SignedMessage = {
  headers: WebhookHeaders;
  rawBody: Uint8Array;
  keys: readonly SigningKey[];
  now: Date;
  toleranceSeconds?: number;
};

const headerNames = {
  falRequestId: 'x-fal-webhook-request-id',
  userId: 'x-fal-webhook-user-id',
  timestamp: 'x-fal-webhook-timestamp',
  signature: 'x-fal-webhook-signature',
} as const;

/** Seconds between timestamp and our clock (fal contract §2.2). */
const defaultTolerance = 300;

/**
 * Parses the four signature headers and checks their timestamp (fal contract §2.2). Never throws. `skewSeconds` is our
 * clock minus fal's.
 */
export function readSignatureHeaders(
  headers: WebhookHeaders,
  now: Date,
  toleranceSeconds = defaultTolerance,
): SignatureHeaders {
  const values = Object.values(headerNames).map((name) => headers[name]);
  if (values.some((value) => value === undefined || value === '')) return { ok: false, reason: 'missing_header' };
  const [falRequestId, userId, timestamp, signature] = values;
  if (!isPlainText(falRequestId) || !isPlainText(userId)) return { ok: false, reason: 'malformed' };
  if (typeof timestamp !== 'string' || !/^\d{1,11}$/.test(timestamp)) return { ok: false, reason: 'malformed' };
  if (typeof signature !== 'string' || !/^[0-9a-f]{128}$/.test(signature)) return { ok: false, reason: 'malformed' };

  const skewSeconds = Math.floor(now.getTime() / 1000) - Number(timestamp);
  if (skewSeconds > toleranceSeconds) return { ok: false, reason: 'stale', skewSeconds };
  if (skewSeconds < -toleranceSeconds) return { ok: false, reason: 'future', skewSeconds };
  return { ok: true, falRequestId, userId, timestamp, signature, skewSeconds };
}

/**
 * Verifies fal's signature over the raw bytes of a webhook: Ed25519 over request id, user id, timestamp and hex SHA-256
 * of the body, joined by line feeds. Every key is tried, since the request names none (fal contract §2.2). Never
 * throws.
 */
export function verifyWebhookSignature(message: SignedMessage): SignatureVerdict {
  const { headers, rawBody, keys, now, toleranceSeconds } = message;
  const read = readSignatureHeaders(headers, now, toleranceSeconds);
  if (!read.ok) return read;
  const { falRequestId, userId, timestamp, signature, skewSeconds } = read;
  const digest = createHash('sha256').update(rawBody).digest('hex');
  const signed = Buffer.from([falRequestId, userId, timestamp, digest].join('\n'));
  const signatureBytes = Buffer.from(signature, 'hex');
  const matches = keys.some((key) => {
    const publicKey = publicKeyOf(key);
    return publicKey !== null && verify(null, signed, publicKey, signatureBytes);
  });
  if (!matches) return { ok: false, reason: 'no_match', skewSeconds };
  return { ok: true, falRequestId, userId, timestamp: Number(timestamp), skewSeconds };
}

/** @returns the valid Ed25519 keys of a JWKS document; empty when it is none */
export function parseSigningKeys(jwks: unknown): SigningKey[] {
  if (!isRecord(jwks) || !Array.isArray(jwks['keys'])) return [];
  return jwks['keys'].flatMap((entry: unknown) => {
    if (!isRecord(entry) || entry['kty'] !== 'OKP' || entry['crv'] !== 'Ed25519') return [];
    if (typeof entry['x'] !== 'string') return [];
    const key = { x: entry['x'], kid: typeof entry['kid'] === 'string' ? entry['kid'] : null };
    return publicKeyOf(key) === null ? [] : [key];
  });
}

// Creating a KeyObject costs as much as a verification.
const publicKeys = new WeakMap<SigningKey, KeyObject>();

function publicKeyOf(key: SigningKey): KeyObject | null {
  const known = publicKeys.get(key);
  if (known !== undefined) return known;
  if (!/^[A-Za-z0-9_-]{43}$/.test(key.x)) return null;
  try {
    const made = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key.x }, format: 'jwk' });
    publicKeys.set(key, made);
    return made;
  } catch {
    return null;
  }
}

// A line feed inside a value would shift the signed lines.
function isPlainText(value: string | string[] | undefined): value is string {
  return typeof value === 'string' && /^[\x20-\x7e]{1,255}$/.test(value);
}

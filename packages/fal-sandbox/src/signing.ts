import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

/** What a webhook's signature covers; `timestamp` in Unix seconds. */
export interface SignedParts {
  requestId: string;
  userId: string;
  timestamp: number;
  rawBody: string | Buffer;
}

export interface SigningKeys {
  /** fal's key set: retired keys first, the current one last (fal contract §2.2, §8). */
  jwks(): { keys: { kty: string; crv: string; x: string; use: string; kid: string }[] };
  /** Signs with the current key, a retired one, or one that is not published. */
  sign(parts: SignedParts, key?: 'current' | 'old' | 'unpublished'): Record<string, string>;
  /** Replaces the current key. Former keys stay published unless `forget`; the new one is published if `publish`. */
  rotate(options?: { forget?: boolean; publish?: boolean }): void;
}

interface Key {
  privateKey: KeyObject;
  published: boolean;
}

/** Creates a retired and a current key; with a file they outlive the process. */
export function createSigningKeys(file?: string): SigningKeys {
  let keys: Key[] = (file && readKeys(file)) || [newKey(), newKey()];
  const stranger = newKey();
  const save = (): void => {
    if (file) writeKeys(file, keys);
  };
  save();
  const current = (): Key => keys.at(-1) ?? stranger;

  return {
    jwks: () => ({ keys: keys.filter((key) => key.published).map(publicJwk) }),
    sign(parts, which = 'current') {
      const key = which === 'current' ? current() : which === 'old' ? (keys[0] ?? stranger) : stranger;
      return signatureHeaders(parts, key.privateKey);
    },
    rotate({ forget = false, publish = true } = {}) {
      keys = [...(forget ? [] : keys), { ...newKey(), published: publish }];
      save();
    },
  };
}

function newKey(): Key {
  return { privateKey: generateKeyPairSync('ed25519').privateKey, published: true };
}

function publicJwk(key: Key): { kty: string; crv: string; x: string; use: string; kid: string } {
  const { x = '' } = createPublicKey(key.privateKey).export({ format: 'jwk' });
  const kid = createHash('sha256').update(x).digest('hex').slice(0, 16);
  return { kty: 'OKP', crv: 'Ed25519', x, use: 'sig', kid };
}

/** The four headers of fal contract §2.2; the signature is lower-case hex over four lines. */
function signatureHeaders(
  { requestId, userId, timestamp, rawBody }: SignedParts,
  key: KeyObject,
): Record<string, string> {
  const hash = createHash('sha256').update(rawBody).digest('hex');
  const message = Buffer.from([requestId, userId, String(timestamp), hash].join('\n'));
  return {
    'x-fal-webhook-request-id': requestId,
    'x-fal-webhook-user-id': userId,
    'x-fal-webhook-timestamp': String(timestamp),
    'x-fal-webhook-signature': sign(null, message, key).toString('hex'),
  };
}

function readKeys(file: string): Key[] | null {
  try {
    const stored: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (!Array.isArray(stored)) return null;
    return stored.map(({ pem, published }) => ({
      privateKey: createPrivateKey(String(pem)),
      published: Boolean(published),
    }));
  } catch {
    return null;
  }
}

function writeKeys(file: string, keys: Key[]): void {
  const stored = keys.map(({ privateKey, published }) => ({
    pem: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    published,
  }));
  writeFileSync(file, JSON.stringify(stored), { mode: 0o600 });
}

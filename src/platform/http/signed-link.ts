import { and, eq, isNull } from 'drizzle-orm';
import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { notFound } from '../../errors.ts';
import type { Db } from '../db/client.ts';
import { apiKeys } from '../db/schema.ts';
import { addressKey } from './address-key.ts';
import type { Caller } from './caller.ts';
import { Closed, Timestamp, Uuid } from './schemas.ts';
import { isSigned, type Purpose, sign } from './signer.ts';

/* Links to stored files that need no key: they are signed, expire, and are void once their key is revoked. */

export const LinkRequest = Closed(
  {
    expires_in: Type.Integer({
      minimum: 60,
      maximum: 604_800,
      default: 3600,
      description: 'Lifetime of the link, in seconds.',
    }),
  },
  { examples: [{ expires_in: 3600 }] },
);
export const linkAnswer = { url: Type.String(), expires_at: Timestamp };
/** Expiry (Unix time in seconds), the key that made the link, and the signature of both with the path. */
export const SignedQuery = Closed({
  expires: Type.Integer(),
  key: Uuid,
  signature: Type.String({ maxLength: 100 }),
});

const folders = { artifact: 'artifacts', image: 'images' } as const satisfies Partial<Record<Purpose, string>>;
type Linked = keyof typeof folders;
type Signer = { installation: { secret: Buffer } };

/**
 * Makes a link for fal or a browser. It ends with the credentials of its maker at the latest.
 * @param path what it opens: segments behind the folder of the purpose
 * @param expiresIn seconds
 */
export function makeLink(
  { config, installation }: Signer & { config: { publicUrl: string } },
  { keyId, expiresAt }: Caller,
  purpose: Linked,
  path: readonly string[],
  expiresIn: number,
): { url: string; expires_at: string } {
  const asked = Date.now() + expiresIn * 1000;
  const expires = Math.floor(Math.min(asked, expiresAt?.getTime() ?? Infinity) / 1000);
  const signature = sign(installation.secret, purpose, messageOf(path, expires, keyId)).toString('base64url');
  const query = `expires=${expires}&key=${keyId}&signature=${signature}`;
  return {
    url: `${config.publicUrl}/${folders[purpose]}/${path.join('/')}?${query}`,
    expires_at: new Date(expires * 1000).toISOString(),
  };
}

/** Whether this installation signed the link and it has not expired; needs no query. */
export function isSignedLink(
  { installation }: Signer,
  purpose: Linked,
  path: readonly string[],
  { expires, key, signature }: Static<typeof SignedQuery>,
): boolean {
  const bytes = Buffer.from(signature, 'base64url');
  return isSigned(installation.secret, purpose, messageOf(path, expires, key), bytes) && expires * 1000 >= Date.now();
}

/** @throws Problem 404 unless the link is valid: an unauthorised caller learns nothing from the response */
export async function checkLink(
  context: Signer & { db: Db },
  purpose: Linked,
  path: readonly string[],
  query: Static<typeof SignedQuery>,
): Promise<void> {
  const isValid = isSignedLink(context, purpose, path, query) && (await isKeyUnrevoked(context.db, query.key));
  if (!isValid) notFound('file');
}

/**
 * Whose requests a limit counts together: valid links are limited one by one, guesses by client address.
 * @param names of the route's parameters that make the path
 */
export function limitKeyOf(
  context: Signer,
  purpose: Linked,
  names: readonly string[],
  request: FastifyRequest,
): string {
  const params = request.params as Record<string, string | undefined>;
  const { expires, key, signature } = request.query as Record<string, unknown>;
  const path = names.map((name) => params[name] ?? '');
  const query = { expires: Number(expires), key: String(key), signature: String(signature) };
  return isSignedLink(context, purpose, path, query) ? `link ${purpose} ${path.join(' ')}` : addressKey(request);
}

/** Whether a key exists and was not revoked; it may have expired. */
async function isKeyUnrevoked(db: Db, id: string): Promise<boolean> {
  const [row] = await db
    .select({ id: apiKeys.id })
    .from(apiKeys)
    .where(and(eq(apiKeys.id, id), isNull(apiKeys.revoked_at)));
  return row !== undefined;
}

function messageOf(path: readonly string[], expires: number, keyId: string): string {
  return [...path, expires, keyId].join('\n');
}

import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * What a signature under the installation's secret is good for; one made for a purpose is valid for no other. A name,
 * once used, stays, and so does its length in bytes: signatures outlive the process, in addresses that fal calls too.
 */
const signatureBytes = { attempt: 16, artifact: 32, cursor: 12, 'user token': 32 } as const;

export type Purpose = keyof typeof signatureBytes;

/** @returns the HMAC-SHA-256 of a message, cut to the length of its purpose */
export function sign(secret: Buffer, purpose: Purpose, message: string | Buffer): Buffer {
  return createHmac('sha256', secret)
    .update(`${purpose}\n`)
    .update(message)
    .digest()
    .subarray(0, signatureBytes[purpose]);
}

/** Compares in constant time. */
export function isSigned(secret: Buffer, purpose: Purpose, message: string | Buffer, signature: Buffer): boolean {
  return signature.length === signatureBytes[purpose] && timingSafeEqual(signature, sign(secret, purpose, message));
}

/**
 * @param boundTo what the text is valid for, which has to be given to {@link unseal} again
 * @returns signature and content as text that is fit for a URL
 */
export function seal(secret: Buffer, purpose: Purpose, content: Buffer, boundTo = ''): string {
  const signature = sign(secret, purpose, Buffer.concat([Buffer.from(boundTo), content]));
  return Buffer.concat([signature, content]).toString('base64url');
}

/** @returns the content; null when this installation did not seal it for this purpose and for what it is bound to */
export function unseal(secret: Buffer, purpose: Purpose, text: string, boundTo = ''): Buffer | null {
  const bytes = Buffer.from(text, 'base64url');
  // Buffer.from ignores invalid base64: reject what does not round-trip.
  if (bytes.toString('base64url') !== text) return null;
  const content = bytes.subarray(signatureBytes[purpose]);
  const message = Buffer.concat([Buffer.from(boundTo), content]);
  return isSigned(secret, purpose, message, bytes.subarray(0, signatureBytes[purpose])) ? content : null;
}

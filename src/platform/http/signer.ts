import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * The purposes of signatures, in bytes; a signature is valid for its purpose only. Names and lengths are permanent,
 * since signatures outlive the process, also in addresses that fal calls.
 */
const signatureBytes = {
  attempt: 16,
  job: 16,
  artifact: 32,
  lora: 32,
  image: 32,
  cursor: 12,
  'user token': 32,
} as const;

export type Purpose = keyof typeof signatureBytes;

/** HMAC-SHA-256, truncated to the length of its purpose. */
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

/** @param boundTo what the text is valid for; {@link unseal} needs it too @returns signature and content, URL-safe */
export function seal(secret: Buffer, purpose: Purpose, content: Buffer, boundTo = ''): string {
  const signature = sign(secret, purpose, Buffer.concat([Buffer.from(boundTo), content]));
  return Buffer.concat([signature, content]).toString('base64url');
}

/** @returns the content; null unless this installation sealed it for this purpose and `boundTo` */
export function unseal(secret: Buffer, purpose: Purpose, text: string, boundTo = ''): Buffer | null {
  const bytes = Buffer.from(text, 'base64url');
  // Buffer.from ignores invalid base64: reject what does not round-trip.
  if (bytes.toString('base64url') !== text) return null;
  const content = bytes.subarray(signatureBytes[purpose]);
  const message = Buffer.concat([Buffer.from(boundTo), content]);
  return isSigned(secret, purpose, message, bytes.subarray(0, signatureBytes[purpose])) ? content : null;
}

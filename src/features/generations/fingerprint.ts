import { fingerprintOf } from '../../platform/idempotency/idempotency.ts';

/**
 * Tells a repeated request without Idempotency-Key by its caller, avatar and body.
 * @param body without `dry_run`; members of undefined value do not count
 * @returns SHA-256, not reversible to the prompt but by trying
 */
export function requestFingerprint(caller: string, avatarId: string, body: object): Buffer {
  return fingerprintOf([caller, avatarId, body]);
}

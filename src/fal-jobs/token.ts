import { parse, stringify, validate } from 'uuid';
import { isSigned, sign } from '../platform/http/signer.ts';

const idsBytes = 32;

export type Attempt = { trainingId: string; submissionId: string };

/**
 * The unguessable token in a submission's webhook URL. fal signs for all its customers, so the signature alone does not
 * show that a webhook is about our job.
 * @param secret of the installation
 */
export function attemptToken(secret: Buffer, { trainingId, submissionId }: Attempt): string {
  const ids = Buffer.concat([parse(trainingId), parse(submissionId)]);
  return Buffer.concat([ids, sign(secret, 'attempt', ids)]).toString('base64url');
}

/** @returns null when this installation did not make the token; needs no query */
export function readAttemptToken(secret: Buffer, token: string): Attempt | null {
  const bytes = Buffer.from(token, 'base64url');
  const ids = bytes.subarray(0, idsBytes);
  if (!isSigned(secret, 'attempt', ids, bytes.subarray(idsBytes))) return null;
  const [trainingId, submissionId] = [stringify(ids.subarray(0, 16)), stringify(ids.subarray(16))];
  return validate(trainingId) && validate(submissionId) ? { trainingId, submissionId } : null;
}

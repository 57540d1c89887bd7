import { parse, stringify, validate } from 'uuid';
import { isSigned, type Purpose, sign } from '../platform/http/signer.ts';
import type { KindName } from './follow-ups.ts';

/** One submission of a job. */
export type Submission = { kind: KindName; jobId: string; submissionId: string };

/** Bytes of a token before its signature; a number, once used, stays. */
const byteOf: Record<KindName, number> = { training: 1, generation: 2 };
const idsBytes = 32;

/**
 * The unguessable token in a submission's webhook URL. fal signs for all its customers, so the signature alone does not
 * show that a webhook is about our job.
 * @param secret of the installation
 */
export function jobToken(secret: Buffer, { kind, jobId, submissionId }: Submission): string {
  const content = Buffer.concat([Buffer.of(byteOf[kind]), parse(jobId), parse(submissionId)]);
  return Buffer.concat([content, sign(secret, 'job', content)]).toString('base64url');
}

/** @returns null when this installation did not make the token; needs no query */
export function readJobToken(secret: Buffer, token: string): Submission | null {
  const bytes = Buffer.from(token, 'base64url');
  const kind = kindOf(bytes[0]);
  const ids = kind && signedBy(secret, 'job', bytes, idsBytes + 1)?.subarray(1);
  if (kind && ids) return submissionOf(kind, ids);
  // Of versions that made trainings alone: fal may call such an address as long as it keeps the job.
  const former = signedBy(secret, 'attempt', bytes, idsBytes);
  return former && submissionOf('training', former);
}

function kindOf(byte: number | undefined): KindName | null {
  if (byte === byteOf.training) return 'training';
  return byte === byteOf.generation ? 'generation' : null;
}

function signedBy(secret: Buffer, purpose: Purpose, bytes: Buffer, length: number): Buffer | null {
  const content = bytes.subarray(0, length);
  return isSigned(secret, purpose, content, bytes.subarray(length)) ? content : null;
}

function submissionOf(kind: KindName, ids: Buffer): Submission | null {
  const [jobId, submissionId] = [stringify(ids.subarray(0, 16)), stringify(ids.subarray(16))];
  return validate(jobId) && validate(submissionId) ? { kind, jobId, submissionId } : null;
}

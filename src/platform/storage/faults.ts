import { StorageError } from './storage.ts';

const missing = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'NoSuchKey', 'NotFound']);
const full = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'QuotaExceeded', 'XMinioStorageFull', 'InsufficientCapacity']);

/**
 * Puts a fault of disk or S3 into the store's own words.
 * @param doing what was tried, as a noun phrase: "reading photos/…"
 * @param options `writing`: what is missing then is the store itself, not an object
 */
export function storageError(doing: string, error: unknown, { writing = false } = {}): StorageError {
  if (error instanceof StorageError) return error;
  const root = rootCause(error);
  const code = errorCode(root);
  const reason = root instanceof Error ? root.message : String(root);
  if (!writing && (missing.has(code) || (status(root) === 404 && code !== 'NoSuchBucket'))) {
    return new StorageError('missing', `${doing}: there is no such object`, error);
  }
  if (full.has(code) || status(root) === 507) return new StorageError('full', `${doing}: the store is full`, error);
  const refused = status(root);
  if (refused === 401 || refused === 403) {
    // S3 says the same to wrong credentials and to good ones that may not do this; looking for what may not be there needs
    // the right to list.
    const what = 'check the credentials, and that they may read, write, delete and list there';
    return new StorageError('unavailable', `${doing} failed: the store refused access (${refused}): ${what}`, error);
  }
  return new StorageError('unavailable', `${doing} failed: ${reason}`, error);
}

// flydrive wraps what it is told; the fault itself is at the bottom.
function rootCause(error: unknown): unknown {
  let cause = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  return cause;
}

/** @returns the code of a system error or the name of an S3 one */
function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return '';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

function status(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  const { $metadata: metadata } = error;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}

import { StorageError } from './storage.ts';

const missing = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'NoSuchKey', 'NotFound']);
const full = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'QuotaExceeded', 'XMinioStorageFull', 'InsufficientCapacity']);

/**
 * Converts an error of disk or S3 to a StorageError.
 * @param doing the attempted operation, as a noun phrase: "reading photos/…"
 * @param options `writing`: ENOENT then means that the store is missing, not an object
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
    // S3 answers 403 for wrong credentials and for missing rights; without the right to list, also for a missing key.
    const what = 'check the credentials, and that they may read, write, delete and list there';
    return new StorageError('unavailable', `${doing} failed: the store refused access (${refused}): ${what}`, error);
  }
  return new StorageError('unavailable', `${doing} failed: ${reason}`, error);
}

// flydrive wraps errors; the cause at the end of the chain is the real one.
function rootCause(error: unknown): unknown {
  let cause = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  return cause;
}

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

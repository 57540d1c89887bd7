import { openAsBlob } from 'node:fs';
import { createFalClient } from '@fal-ai/client';
import { limits } from '../limits.ts';
import type { FileToUpload } from './fal.ts';
import { FalError } from './errors.ts';
import type { SendExchange } from './fetch.ts';
import { bodyOf } from './platform.ts';
import { recordFetch } from './recorded-fetch.ts';

/**
 * Streams a file from disk to fal's storage. Trainers infer the format from the URL, so an archive's name must end in
 * `.zip` (fal contract §3.1). fal's client sends one lifecycle header, the middleware adds the documented one (§3.2).
 * @returns the file's URL
 * @throws FalError; file system errors unchanged
 */
export async function uploadFile(
  { send, key, stallMs }: { send: SendExchange; key: string; stallMs: number },
  file: FileToUpload,
  signal?: AbortSignal,
): Promise<{ url: string }> {
  const { path, name, contentType: type, expiresInSeconds } = file;
  const content = new File([await openAsBlob(path, { type })], name, { type });
  // fal's client uploads files over 90 MiB in parts of 10 MiB.
  const recorded = recordFetch({ send, timeoutMs: limits.falUpload.ms, stallMs, ...(signal && { signal }) });
  const preference = JSON.stringify({ expiration_duration_seconds: expiresInSeconds });
  const client = createFalClient({
    credentials: key,
    fetch: recorded.fetch,
    requestMiddleware: (request) => {
      const headers = { ...request.headers, 'X-Fal-Object-Lifecycle-Preference': preference };
      return Promise.resolve({ ...request, headers });
    },
  });
  const url: unknown = await client.storage
    .upload(content, { lifecycle: { expiresIn: expiresInSeconds } })
    .catch((error: unknown) => {
      const last = recorded.last();
      if (last !== null) bodyOf(last);
      throw new FalError('invalid_answer', "fal's storage answered in a way its client does not take.", {
        cause: error,
      });
    });
  if (typeof url === 'string' && URL.canParse(url)) return { url };
  throw new FalError('invalid_answer', "fal's storage gave no URL for the file.");
}

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A demo that cannot go on for a reason the person can mend; the message says how. */
export class DemoError extends Error {
  override name = 'DemoError';
}

/**
 * @returns the files of a person's own folder, in the order of their names; whether each can be used is for the service
 * to say
 * @throws DemoError when there is no such folder, or nothing in it
 */
export async function findOwnPhotos(folder: string): Promise<string[]> {
  const entry = await stat(folder).catch(() => null);
  if (!entry?.isDirectory())
    throw new DemoError(`${folder} is no folder that can be read: name one that holds photos.`);
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((each) => each.isFile() && !each.name.startsWith('.')).map(({ name }) => name);
  if (names.length === 0) throw new DemoError(`${folder} holds no files: put 10 to 20 photos of one person there.`);
  return names.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })).map((name) => join(folder, name));
}

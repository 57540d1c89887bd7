import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A failure of the demo that the user can fix; the message says how. */
export class DemoError extends Error {
  override name = 'DemoError';
}

/**
 * The files of a folder, sorted by name; the service checks whether they can be used.
 * @throws DemoError when the folder does not exist or is empty
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

import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

/**
 * Reads the settings of a `.env` file, as editors of all systems write it: a byte order mark doesn't belong to the first
 * name, nor a carriage return to a value.
 * @returns nothing when there is no such file
 * @throws Error with a sentence for a file in UTF-16
 */
export function readEnvFile(path: string): NodeJS.Dict<string> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  if (bytes.includes(0)) throw new Error(`${path} is not in UTF-8 (it looks like UTF-16): save it as UTF-8.`);
  return parseEnv(
    bytes
      .toString()
      .replace(/^\uFEFF/, '')
      .replaceAll('\r\n', '\n'),
  );
}

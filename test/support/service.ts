import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pino, { type Logger } from 'pino';
import { stablePort } from '../../lab/ground/ports.ts';
import { buildSandbox } from '../../packages/fal-sandbox/src/server.ts';
import { type App, buildApp, type Role } from '../../src/app.ts';
import { type Environment, makeConfig, readSettings } from '../../src/config.ts';
import { watchContract } from './contract.ts';
import { createTestDatabase } from './postgres.ts';

type Scope = Parameters<typeof createTestDatabase>[0];

export type ServiceOptions = {
  /** Settings beside those of a test. */
  environment?: Environment;
  sandbox?: Parameters<typeof buildSandbox>[0];
  role?: Role;
  log?: Logger;
};

/** How fast the clocks of a test run: intervals of the service in seconds, all short. */
const quick: Environment = {
  FAL_MODE: 'sandbox',
  LOG_LEVEL: 'silent',
  PORT: '0',
  POLL_FIRST_SECONDS: '0.2',
  POLL_SECONDS: '1',
  CHECK_INTERVAL_SECONDS: '1',
  BLOCKED_RETRY_SECONDS: '0.2',
  FAL_TIMEOUT_SECONDS: '5',
  SHUTDOWN_GRACE_SECONDS: '5',
  RATE_LIMIT_PER_MINUTE: '100000',
  EVENT_STREAMS_PER_CALLER: '100000',
  // Each connection costs PostgreSQL tens of milliseconds before it knows the tables.
  DATABASE_POOL_MAX: '4',
  // How fast the machine is must not decide what is answered.
  OVERLOAD_DELAY_SECONDS: '0',
};

/**
 * Starts the whole service on a database, an object store and a sandbox of its own, all over real sockets, and ends it
 * with the scope. The sandbox's clock stands still unless `speed` is given; `sandbox.clock.advance(seconds)` drives it.
 */
export async function startService(t: Scope, options: ServiceOptions = {}) {
  const { environment = {}, role, log = pino({ level: environment['LOG_LEVEL'] ?? 'silent' }) } = options;
  const watch = watchContract(t);
  const database = await createTestDatabase(t);
  const folder = await mkdtemp(join(tmpdir(), 'likeness-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const sandbox = buildSandbox({ allowPrivateWebhooks: true, speed: 0, ...options.sandbox });
  const sandboxUrl = await sandbox.listen();
  t.teardown(() => sandbox.close());
  // fal is told the address before the service listens.
  const port = await stablePort();
  const storageUrl = pathToFileURL(join(folder, 'storage')).href;
  const url = `http://127.0.0.1:${port}`;
  const config = makeConfig(
    readSettings({
      ...quick,
      DATABASE_URL: database.url,
      STORAGE_URL: storageUrl,
      PUBLIC_URL: url,
      FAL_BASE_URL: sandboxUrl,
      ...environment,
    }),
  );
  const app = await buildApp(config, { log, ...(role && { role }) });
  watch(app);
  t.teardown(() => app.close());
  await app.listen({ host: '127.0.0.1', port });
  return { app, sandbox, url, config, folder, database };
}

export type Service = Awaited<ReturnType<typeof startService>>;
export type { App };

/** For tests that wait for what becomes due, of which nobody is woken; looking often costs what others could use. */
export const eagerChecks: Environment = { CHECK_INTERVAL_SECONDS: '0.25' };

/** For tests in which the clock moves trainings on, not webhooks. */
export const eagerPolls: Environment = { ...eagerChecks, POLL_SECONDS: '0.2' };

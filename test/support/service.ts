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
  environment?: Environment;
  sandbox?: Parameters<typeof buildSandbox>[0];
  role?: Role;
  log?: Logger;
};

/** Short intervals, in seconds. */
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
  // Each connection costs PostgreSQL tens of milliseconds to load its catalogue.
  DATABASE_POOL_MAX: '4',
  // The machine's speed must not change responses.
  OVERLOAD_DELAY_SECONDS: '0',
};

/**
 * Starts the whole service with its own database, object store and sandbox, over real sockets, until the scope ends.
 * The sandbox's clock stands still unless `speed` is given; `sandbox.clock.advance(seconds)` moves it.
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
  // fal gets the address before the service listens.
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

/** For tests that wait for due work without a wake-up; frequent checks cost time. */
export const eagerChecks: Environment = { CHECK_INTERVAL_SECONDS: '0.25' };

/** For tests in which polls, not webhooks, advance trainings. */
export const eagerPolls: Environment = { ...eagerChecks, POLL_SECONDS: '0.2' };

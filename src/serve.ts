import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import closeWithGrace from 'close-with-grace';
import type { Logger } from 'pino';
import { type App, buildApp, type Role } from './app.ts';
import type { Config } from './config.ts';
import { BootError } from './errors.ts';
import { endsWithin } from './platform/async/timeout.ts';
import { project } from './database.ts';
import { askDatabase, hindrancesOf } from '@likeness/schema-tools/acts/status.ts';
import { version } from './version.ts';

export type Service = { app: App; url: string; close(): Promise<void> };

// After the grace, idle connections get a moment to close.
const closingMarginMs = 5000;
const failedStartMs = 2500;
// For kept connections: a client learns from its next response that the connection closes. A second, or less of a short
// grace, which open requests need most.
const longestPartingMs = 1000;
const partingShare = 1 / 8;
const partingLookMs = 10;

/** The first line for the operator: whether money flows. */
export const falModeLine = {
  sandbox: 'fal: SANDBOX — nothing is paid, nothing is real',
  live: 'fal: LIVE — trainings are paid',
} as const;

/**
 * Checks the database, builds the app and listens.
 * @param role `api` handles requests; `worker` runs jobs (and serves /livez, /readyz and /metrics); `all` does both
 * @throws BootError, MigrationError, StorageError or Node's listen error; start-faults.ts explains each
 */
export async function startService(config: Config, role: Role, log: Logger): Promise<Service> {
  await requireCurrentDatabase(config.database.url);
  const app = await buildApp(config, { role, log });
  app.addHook('preClose', () => partFromClients(app));
  try {
    const listenTextResolver = (address: string) =>
      `listening at ${address} as ${role}; Likeness ${version}; ${falModeLine[config.fal.mode]}`;
    const url = await app.listen({ host: config.host, port: config.port, listenTextResolver });
    return { app, url, close: () => app.close() };
  } catch (error) {
    await endFailedStart(app.close());
    throw error;
  }
}

/** Waits for the clean-up of a failed start, with a limit; the process then exits. */
export async function endFailedStart(ends: PromiseLike<void>): Promise<void> {
  await endsWithin(
    failedStartMs,
    Promise.resolve(ends).catch(() => undefined),
  );
}

// Closing an idle connection may lose a request that was just sent. So each response first announces the close, and the
// listener closes last.
async function partFromClients({ config, server }: App): Promise<void> {
  const deadline = performance.now() + Math.min(longestPartingMs, config.shutdownGraceMs * partingShare);
  const count = promisify(server.getConnections.bind(server));
  while (performance.now() < deadline && (await count()) > 0) await delay(partingLookMs);
}

/** @throws BootError when the database needs something first, MigrationError when there is none, or none to work on */
async function requireCurrentDatabase(url: string): Promise<void> {
  const { status, drift } = await askDatabase({ url, project });
  const hindrances = hindrancesOf(status, drift, { starting: true });
  if (hindrances.length > 0) throw new BootError(hindrances.map(({ message }) => message).join('\n'), 1);
}

/**
 * Stops the process gracefully on a signal: no new work; running work finishes or is returned within the grace; then
 * `close`. A second signal, or an uncaught error, ends it at once with exit code 1.
 */
export function closeOnSignals(close: () => Promise<void>, { graceMs, log }: { graceMs: number; log: Logger }): void {
  // A process that ends by itself keeps its exit code.
  closeWithGrace({ delay: graceMs + closingMarginMs, logger: log, skip: ['beforeExit'] }, async ({ signal, err }) => {
    if (err) log.fatal({ err }, 'the process ends after an uncaught error');
    else log.info({ signal }, 'stopping');
    await close();
    log.info('stopped');
  });
}

import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import closeWithGrace from 'close-with-grace';
import type { Logger } from 'pino';
import { type App, buildApp, type Role } from './app.ts';
import type { Config } from './config.ts';
import { BootError } from './errors.ts';
import { atMost } from './platform/jobs/at-most.ts';
import { project } from './database.ts';
import { askDatabase, hindrancesOf } from '@likeness/schema-tools/acts/status.ts';
import { version } from './version.ts';

export type Service = { app: App; url: string; close(): Promise<void> };

// Beyond the grace: closing what is idle by then takes a moment, and not for ever.
const closingMarginMs = 5000;
const failedStartMs = 2500;
// Kept connections are told by the answer to their next request that they are to be closed: a second, or less when the
// grace is short, of which the answers under way need most.
const longestPartingMs = 1000;
const partingShare = 1 / 8;
const partingLookMs = 10;

/** What the operator reads first: whether money flows. */
export const falModeLine = {
  sandbox: 'fal: SANDBOX — nothing is paid, nothing is real',
  live: 'fal: LIVE — trainings are paid',
} as const;

/**
 * Starts the service: looks at the database, builds the app and listens.
 * @param role `api` answers requests, `worker` does the jobs (and answers /livez, /readyz and /metrics), `all` both
 * @throws BootError, MigrationError, StorageError or Node's own listen error; start-faults.ts has words for each
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

/** Waits for what a failed start ends, and not for ever: the process exits then, whatever is left. */
export async function endFailedStart(ends: PromiseLike<void>): Promise<void> {
  await atMost(
    failedStartMs,
    Promise.resolve(ends).catch(() => undefined),
  );
}

// A connection that is cut while it is idle may just have been sent a request, which would get no answer. From here on
// each answer says that its connection is to be closed, and the listener goes last.
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
 * Ends the process gracefully on a signal: no new work, what runs is finished or handed back within the grace, then
 * `close`. A second signal ends it at once with exit code 1, and so does a fault nobody caught.
 */
export function closeOnSignals(close: () => Promise<void>, { graceMs, log }: { graceMs: number; log: Logger }): void {
  // A process that ends by itself has said all it had to say; its exit code is its own.
  closeWithGrace({ delay: graceMs + closingMarginMs, logger: log, skip: ['beforeExit'] }, async ({ signal, err }) => {
    if (err) log.fatal({ err }, 'the process ends after a fault nobody caught');
    else log.info({ signal }, 'stopping');
    await close();
    log.info('stopped');
  });
}

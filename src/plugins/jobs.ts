import fp from 'fastify-plugin';
import type { Context } from '../context.ts';
import type { Job } from '../platform/jobs/define.ts';
import { createJobs } from '../platform/jobs/jobs.ts';
import { createWakeups } from '../platform/jobs/wakeups.ts';

/**
 * Connects the process to job queue and wake-ups. A worker starts once the app is ready and stops before its
 * dependencies close.
 */
export const jobsPlugin = fp(
  async (app, { list, worker }: { list: readonly Job<Context>[]; worker: boolean }) => {
    const wakeups = await createWakeups(app.config.database.url, app.log);
    app.addHook('onClose', () => wakeups.close());
    const { checkIntervalMs } = app.config.training;
    const jobs = await createJobs({ pool: app.pool, wakeups, log: app.log, list, supervise: worker, checkIntervalMs });
    app.decorate('wakeups', wakeups);
    app.decorate('jobs', jobs);
    if (worker) app.addHook('onReady', () => jobs.work(app, list));
    // The grace began with the signal; open requests have used a part of it.
    let stopBy = Number.POSITIVE_INFINITY;
    app.addHook('preClose', async () => {
      stopBy = Date.now() + app.config.shutdownGraceMs;
    });
    // Hooks run in reverse order: jobs stop before wake-ups.
    app.addHook('onClose', () => jobs.stop(Math.max(0, Math.min(stopBy - Date.now(), app.config.shutdownGraceMs))));
  },
  { name: 'jobs', dependencies: ['database'] },
);

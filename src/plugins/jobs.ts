import fp from 'fastify-plugin';
import type { Job } from '../platform/jobs/define.ts';
import { createJobs } from '../platform/jobs/jobs.ts';
import { createWakeups } from '../platform/jobs/wakeups.ts';

/**
 * Connects the process to the job queue and the wake-ups. A worker begins to work once the app is ready, and ends
 * before anything that its jobs use is closed.
 */
export const jobsPlugin = fp(
  async (app, { list, worker }: { list: readonly Job[]; worker: boolean }) => {
    const wakeups = await createWakeups(app.config.database.url, app.log);
    app.addHook('onClose', () => wakeups.close());
    const { checkIntervalMs } = app.config.training;
    const jobs = await createJobs({ pool: app.pool, wakeups, log: app.log, list, supervise: worker, checkIntervalMs });
    app.decorate('wakeups', wakeups);
    app.decorate('jobs', jobs);
    if (worker) app.addHook('onReady', () => jobs.work(app, list));
    // The grace begins with the stop of the process; requests that were still answered have used a part of it.
    let stopBy = Number.POSITIVE_INFINITY;
    app.addHook('preClose', async () => {
      stopBy = Date.now() + app.config.shutdownGraceMs;
    });
    // Hooks run in the order opposite to this one: the jobs end before the wake-ups.
    app.addHook('onClose', () => jobs.stop(Math.max(0, Math.min(stopBy - Date.now(), app.config.shutdownGraceMs))));
  },
  { name: 'jobs', dependencies: ['database'] },
);

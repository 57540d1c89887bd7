import pino from 'pino';
import { type App, buildApp } from '../app.ts';
import { makeConfig, readSettings } from '../config.ts';

/** Runs `work` with a connected app that neither listens nor runs jobs. @throws BootError for missing settings */
export async function withApp<T>(work: (app: App) => Promise<T>): Promise<T> {
  const config = makeConfig(readSettings(process.env));
  const app = await buildApp(config, { role: 'api', log: pino({ level: 'warn' }, pino.destination(2)) });
  try {
    await app.ready();
    return await work(app);
  } finally {
    await app.close();
  }
}

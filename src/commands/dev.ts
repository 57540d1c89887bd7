import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { pino } from 'pino';
import { type Config, makeConfig, noticesOf, readSettings } from '../config.ts';
import { createDatabase } from '../platform/db/client.ts';
import { developmentKey } from './development/api-key.ts';
import { makeSamplePhotos } from './demo/sample-photos.ts';
import { demoPhotosFolder, developmentFolder, prepareSurroundings } from './development/surroundings.ts';
import { createLogger, standardOutput } from '../platform/log/logger.ts';
import { closeOnSignals, endFailedStart, startService } from '../serve.ts';
import { defineCommand } from './command.ts';
import { sandboxSpeed, welcome } from './start.ts';

const entry = resolve(import.meta.dirname, '../../bin/likeness.js');

export const command = defineCommand({
  name: 'dev',
  summary: 'like start, and restart the service when a file changes',
  flags: {
    sandbox: { type: 'boolean', default: false, description: 'use the sandbox when FAL_MODE is not set' },
  },
  // Database and sandbox outlive restarts of the service, so running trainings survive a change of code.
  run: async ({ sandbox }) => {
    for (const sentence of noticesOf(process.env)) process.stderr.write(`${sentence}\n`);
    const settings = readSettings(process.env);
    const log = createLogger(settings.LOG_LEVEL, await standardOutput());
    const ends = new AsyncDisposableStack();
    closeOnSignals(() => ends.disposeAsync(), { graceMs: settings.SHUTDOWN_GRACE_SECONDS * 1000, log });
    try {
      const { environment, defaults } = await prepareSurroundings(
        { environment: process.env, sandboxByDefault: sandbox, speed: sandboxSpeed, keepsJobs: true },
        ends,
      );
      const config = makeConfig(readSettings(environment), defaults);
      const { fal, publicUrl, storage } = config;
      await tryStart(config);
      const database = createDatabase(defaults.databaseUrl, { max: 1, applicationName: 'likeness dev' });
      const key = await developmentKey(database, developmentFolder);
      await database.close();
      const child = spawn(process.execPath, ['--watch', '--watch-preserve-output', entry, 'serve'], {
        stdio: 'inherit',
        detached: true,
        env: {
          ...environment,
          DATABASE_URL: defaults.databaseUrl,
          STORAGE_URL: storage.url,
          PUBLIC_URL: publicUrl,
          ...(fal.baseUrl && { FAL_BASE_URL: fal.baseUrl }),
        },
      });
      ends.defer(async () => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = once(child, 'exit');
        child.kill('SIGTERM');
        await ended;
      });
      await makeSamplePhotos(demoPhotosFolder);
      process.stderr.write(welcome({ fal, url: publicUrl, ...key }));
      return undefined;
    } catch (error) {
      await endFailedStart(ends.disposeAsync());
      throw error;
    }
  },
});

// A watched service that can't start waits for a change of its files. What no change mends ends the command instead.
async function tryStart(config: Config): Promise<void> {
  const service = await startService(config, 'api', pino({ level: 'silent' }));
  await service.close();
}

import { type Config, makeConfig, noticesOf, readSettings } from '../config.ts';
import { developmentKey } from './development/api-key.ts';
import { makeSamplePhotos } from './demo/sample-photos.ts';
import { demoPhotosFolder, developmentFolder, prepareSurroundings } from './development/surroundings.ts';
import { createLogger, standardOutput } from '../platform/log/logger.ts';
import { closeOnSignals, endFailedStart, falModeLine, startService } from '../serve.ts';
import { defineCommand } from './command.ts';

/** Sandbox seconds in a real second: a run of minutes takes seconds. */
export const sandboxSpeed = 40;

export const command = defineCommand({
  name: 'start',
  summary: 'run the service with everything it needs: PostgreSQL, an object store and the sandbox',
  flags: {
    sandbox: { type: 'boolean', default: false, description: 'use the sandbox when FAL_MODE is not set' },
  },
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
      const service = await startService(config, 'all', log);
      ends.defer(service.close);
      const key = await developmentKey(service.app, developmentFolder);
      await makeSamplePhotos(demoPhotosFolder);
      process.stderr.write(welcome({ fal: config.fal, url: config.publicUrl, ...key }));
      return undefined;
    } catch (error) {
      await endFailedStart(ends.disposeAsync());
      throw error;
    }
  },
});

/** The next steps, on standard error, since standard output is for the log. */
export function welcome({
  fal,
  url,
  key,
  file,
}: {
  fal: Config['fal'];
  url: string;
  key: string;
  file: string;
}): string {
  const sandbox = `  Sandbox   ${fal.baseUrl}, in fal's place; docs/make-it-fail.md says how to make it fail\n`;
  return `
  ${falModeLine[fal.mode]}

  API       ${url}
  Docs      ${url}/docs
${fal.mode === 'sandbox' ? sandbox : ''}  Photos    ${demoPhotosFolder}, drawn ones to try it with
  API key   ${key}
            made once for development, kept in ${file}; \`npm run --silent likeness -- keys create\` makes others

`;
}

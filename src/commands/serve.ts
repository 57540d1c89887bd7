import type { Role } from '../app.ts';
import { makeConfig, noticesOf, readSettings } from '../config.ts';
import { createLogger, standardOutput } from '../platform/log/logger.ts';
import { closeOnSignals, falModeLine, startService } from '../serve.ts';
import { defineCommand, UsageError } from './command.ts';

const roles: readonly Role[] = ['api', 'worker', 'all'];

export const command = defineCommand({
  name: 'serve',
  summary: 'run the service; all settings come from the environment',
  flags: {
    role: {
      type: 'string',
      default: 'all',
      placeholder: 'ROLE',
      description: 'api answers requests, worker does the jobs, all does both (all)',
    },
  },
  run: async ({ role: given }) => {
    const role = roles.find((each) => each === given);
    if (!role) throw new UsageError(`--role must be one of ${roles.join(', ')}, not "${given}".`);
    for (const sentence of noticesOf(process.env)) process.stderr.write(`${sentence}\n`);
    // Only workers send requests that need the key.
    const config = makeConfig(readSettings(process.env), { isKeyless: role === 'api' });
    const log = createLogger(config.logLevel, await standardOutput());
    process.stderr.write(`${falModeLine[config.fal.mode]}\n`);
    const ends = new AsyncDisposableStack();
    closeOnSignals(() => ends.disposeAsync(), { graceMs: config.shutdownGraceMs, log });
    const service = await startService(config, role, log);
    ends.defer(service.close);
    return undefined;
  },
});

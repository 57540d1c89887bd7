import { parseArgs } from 'node:util';
import { parseFaultRules } from './faults.ts';
import type { SandboxOptions } from './sandbox.ts';
import { parseSettings } from './settings.ts';

const help = `fal.ai emulated over HTTP. Prints {"sandbox":"ready","url":"…"} when it listens.

  node packages/fal-sandbox/src/main.ts [flags]              variable           default
  --port N                                  SANDBOX_PORT       0 (any free one)
  --host ADDRESS                            SANDBOX_HOST       127.0.0.1
  --speed N                                 SANDBOX_SPEED      1; 0 stands still until POST /_sandbox/clock/advance
  --key ID:SECRET                           SANDBOX_KEY        none: any key will do
  --user-id TEXT                            SANDBOX_USER_ID    github|sandbox
  --data DIR                                SANDBOX_DATA       a temporary folder
  --webhooks-to-loopback                    SANDBOX_WEBHOOKS_TO_LOOPBACK=1
  --exit-with-parent                        SANDBOX_EXIT_WITH_PARENT=1   ends when its standard input ends
  --settings JSON                           SANDBOX_SETTINGS   {}
  --faults JSON                             SANDBOX_FAULTS     []
  --help
`;

export interface Started {
  listen: { port: number; host: string };
  sandbox: SandboxOptions;
  exitWithParent: boolean;
  help: string | null;
}

/** Reads flags, and environment variables for absent ones. @throws a sentence that names the invalid one */
export function readOptions(args: string[], env: NodeJS.ProcessEnv): Started {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({
    args,
    options: {
      port: text,
      host: text,
      speed: text,
      key: text,
      'user-id': text,
      data: text,
      settings: text,
      faults: text,
      'webhooks-to-loopback': flag,
      'exit-with-parent': flag,
      'parent-ipc': flag,
      help: flag,
    },
  });
  const given = (name: 'key' | 'user-id' | 'data' | 'host', variable: string): string | undefined =>
    values[name] || env[variable] || undefined;
  return {
    help: values.help ? help : null,
    listen: {
      port: numberFrom('port', values.port ?? env.SANDBOX_PORT, 0),
      host: given('host', 'SANDBOX_HOST') ?? '127.0.0.1',
    },
    exitWithParent: values['exit-with-parent'] ?? isOn(env.SANDBOX_EXIT_WITH_PARENT),
    sandbox: {
      key: given('key', 'SANDBOX_KEY'),
      userId: given('user-id', 'SANDBOX_USER_ID'),
      dataDir: given('data', 'SANDBOX_DATA'),
      speed: numberFrom('speed', values.speed ?? env.SANDBOX_SPEED, 1),
      allowPrivateWebhooks: values['webhooks-to-loopback'] ?? isOn(env.SANDBOX_WEBHOOKS_TO_LOOPBACK),
      settings: parseSettings(jsonFrom('settings', values.settings ?? env.SANDBOX_SETTINGS, {})),
      faults: parseFaultRules(jsonFrom('faults', values.faults ?? env.SANDBOX_FAULTS, [])),
    },
  };
}

const isOn = (value: string | undefined): boolean => value === '1' || value === 'true';

function numberFrom(name: string, given: string | undefined, otherwise: number): number {
  if (given === undefined || given === '') return otherwise;
  const value = Number(given);
  if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} must be a number of at least 0, not "${given}"`);
  return value;
}

function jsonFrom(name: string, given: string | undefined, otherwise: unknown): unknown {
  if (!given) return otherwise;
  try {
    return JSON.parse(given);
  } catch {
    throw new Error(`--${name} must be JSON`);
  }
}

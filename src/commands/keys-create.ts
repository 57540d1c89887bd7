import { readSettings } from '../config.ts';
import { createDatabase } from '../db/client.ts';
import { commandDatabase } from '../development/command-database.ts';
import { Problem } from '../errors.ts';
import { scopes } from '../http/caller.ts';
import { createKey } from '../keys/create-key.ts';
import { defineCommand, UsageError } from './command.ts';

const dayMs = 86_400_000;
const units = { d: dayMs, h: dayMs / 24, m: dayMs / 1440 } as const;

export const command = defineCommand({
  name: 'keys create',
  summary: 'make an API key and show it once',
  flags: {
    name: { type: 'string', placeholder: 'NAME', description: 'what the key is for; shown in lists and logs' },
    scope: {
      type: 'string',
      multiple: true,
      placeholder: 'SCOPE',
      description: `what it may do, repeatable or comma separated: ${scopes.join(', ')}`,
    },
    'expires-in': {
      type: 'string',
      placeholder: 'TIME',
      description: 'how long it works, as 90d, 12h or 30m (for ever)',
    },
    json: { type: 'boolean', default: false, description: 'print one JSON object' },
  },
  run: async ({ name, scope = [], 'expires-in': expiresIn, json }) => {
    if (!name) throw new UsageError('--name says what the key is for, and is missing.');
    const asked = scope.flatMap((each) => each.split(',')).filter(Boolean);
    if (asked.length === 0) throw new UsageError(`--scope is missing. The scopes are ${scopes.join(', ')}.`);
    const expiresAt = expiresIn === undefined ? null : new Date(Date.now() + durationMs(expiresIn));
    await using ends = new AsyncDisposableStack();
    const url = await commandDatabase(readSettings(process.env), ends);
    const database = createDatabase(url, { max: 1, applicationName: 'likeness keys' });
    ends.defer(() => database.close());
    const made = await createKey(database, { name, scopes: asked, expiresAt }).catch(asUsageError);
    if (json) {
      process.stdout.write(`${JSON.stringify(made)}\n`);
    } else {
      process.stdout.write(`${made.key}\n`);
      process.stderr.write('This key is shown once; only its hash is kept.\n');
    }
    return 0;
  },
});

function durationMs(text: string): number {
  const [, count, unit] = /^(\d{1,5})([dhm])$/.exec(text) ?? [];
  const ms = Number(count) * (units[unit as keyof typeof units] ?? Number.NaN);
  if (!(ms > 0)) throw new UsageError(`--expires-in takes a time such as 90d, 12h or 30m, not "${text}".`);
  return ms;
}

function asUsageError(error: unknown): never {
  if (error instanceof Problem) throw new UsageError(error.message);
  throw error;
}

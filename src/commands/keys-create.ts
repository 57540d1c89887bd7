import { scopes } from '../platform/http/caller.ts';
import { createKey } from '../features/keys/create-key.ts';
import { defineCommand, UsageError } from './command.ts';
import { durationMs, printKey } from './keys-command.ts';
import { withDatabase } from './with-database.ts';

export const command = defineCommand({
  name: 'keys create',
  summary: 'create an API key and show it once',
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
      description: 'lifetime, as 90d, 12h or 30m (unlimited)',
    },
    json: { type: 'boolean', default: false, description: 'print one JSON object' },
  },
  run: async ({ name, scope = [], 'expires-in': expiresIn, json }) => {
    if (!name) throw new UsageError('--name says what the key is for, and is missing.');
    const asked = scope.flatMap((each) => each.split(',')).filter(Boolean);
    if (asked.length === 0) throw new UsageError(`--scope is missing. The scopes are ${scopes.join(', ')}.`);
    const expiresAt = expiresIn === undefined ? null : new Date(Date.now() + durationMs('expires-in', expiresIn));
    return withDatabase('keys', async (database) => {
      printKey(await createKey(database, { name, scopes: asked, expiresAt }), json);
      return 0;
    });
  },
});

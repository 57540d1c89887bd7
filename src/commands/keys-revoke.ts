import { revokeKey } from '../features/keys/store.ts';
import { defineCommand } from './command.ts';
import { checkKeyId } from './keys-command.ts';
import { withDatabase } from './with-database.ts';

export const command = defineCommand({
  name: 'keys revoke',
  summary: 'revoke an API key, and the user tokens it minted, within a second',
  operands: ['ID'],
  flags: {},
  run: async (_flags, [id = '']) => {
    checkKeyId(id);
    return withDatabase('keys', async ({ db }) => {
      const revoked = await revokeKey(db, id);
      process.stderr.write(revoked ? `${revoked.name} (${revoked.prefix}…) is revoked.\n` : 'There is no such key.\n');
      return revoked ? 0 : 1;
    });
  },
});

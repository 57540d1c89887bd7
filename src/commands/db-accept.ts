import { answerDone } from '@likeness/schema-tools/answers/acts.ts';
import { acceptDifference } from '@likeness/schema-tools/acts/accept.ts';
import { withConnection } from '../platform/db/connect.ts';
import { withMigrationLock } from '@likeness/schema-tools/history/lock.ts';
import { project } from '../database.ts';
import { defineCommand, UsageError } from './command.ts';
import { answerWith, databaseFlags, databaseUrl } from './database-command.ts';

export const command = defineCommand({
  name: 'db accept',
  summary: 'accept a difference, so that checks report it as information',
  operands: ['CODE', 'OBJECT'],
  flags: {
    ...databaseFlags,
    reason: { type: 'string', placeholder: 'TEXT', description: 'the reason, for the ledger and later checks' },
  },
  run: async ({ url: given, reason, ...output }, [code = '', object = '']) => {
    const url = databaseUrl(given);
    if (!reason) throw new UsageError('--reason is missing: a later reader wants to know why.');
    return answerWith('accept', output, () =>
      withConnection(url, 'likeness db accept', (client) =>
        withMigrationLock(client, 60_000, async () => {
          const { acceptance, ...place } = await acceptDifference(client, project, { code, object, reason });
          const text = `Accepted ${code} ${object}, as long as it stays as it is now.`;
          return answerDone(project, 'accept', place, text, { accepted: acceptance });
        }),
      ),
    );
  },
});

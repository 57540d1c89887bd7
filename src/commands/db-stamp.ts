import { answerDone } from '@likeness/schema-tools/answers/acts.ts';
import { withConnection } from '../platform/db/connect.ts';
import { withMigrationLock } from '@likeness/schema-tools/history/lock.ts';
import { project } from '../database.ts';
import { readMigrations } from '@likeness/schema-tools/history/folder.ts';
import { stampHistory } from '@likeness/schema-tools/acts/stamp.ts';
import { defineCommand, UsageError } from './command.ts';
import { answerWith, databaseFlags, databaseUrl } from './database-command.ts';

export const command = defineCommand({
  name: 'db stamp',
  summary: 'record migrations as applied without running them',
  operands: ['NAME'],
  flags: {
    ...databaseFlags,
    unverified: { type: 'boolean', default: false, description: 'without comparing the schema; needs --reason' },
    reason: { type: 'string', placeholder: 'TEXT', description: 'the reason, for the ledger' },
  },
  run: async ({ url: given, unverified, reason, ...output }, [name = '']) => {
    const url = databaseUrl(given);
    if (unverified && !reason) throw new UsageError('--unverified needs a --reason, which the ledger keeps.');
    return answerWith('stamp', output, () =>
      withConnection(url, 'likeness db stamp', (client) =>
        withMigrationLock(client, 60_000, async () => {
          const migrations = await readMigrations(project);
          const unverifiedReason = unverified ? reason : undefined;
          const stamped = await stampHistory(client, { project, migrations, name, unverifiedReason });
          const how = unverified ? 'without a look at the schema' : 'and the schema is what they make';
          const text =
            stamped.length === 0 ? `${name} was recorded before.` : `Recorded ${stamped.join(', ')}, ${how}.`;
          return answerDone(project, 'stamp', {}, text, { stamped, verified: !unverified });
        }),
      ),
    );
  },
});

import { answerDone } from '@likeness/schema-tools/answers/acts.ts';
import { withConnection } from '../platform/db/connect.ts';
import { resolveHalfApplied } from '@likeness/schema-tools/acts/half-applied.ts';
import { withMigrationLock } from '@likeness/schema-tools/history/lock.ts';
import { project } from '../database.ts';
import { placeOf, readMigrations } from '@likeness/schema-tools/history/folder.ts';
import { stampHistory } from '@likeness/schema-tools/acts/stamp.ts';
import { defineCommand, UsageError } from './command.ts';
import { answerWith, databaseFlags, databaseUrl } from './database-command.ts';

export const command = defineCommand({
  name: 'db resolve',
  summary: 'decide how a half-applied migration without a transaction continues',
  operands: ['NAME'],
  flags: {
    ...databaseFlags,
    continue: { type: 'boolean', default: false, description: 'continue at the statement that stopped' },
    restart: {
      type: 'boolean',
      default: false,
      description: 'restart from the first statement, after its effects were undone manually',
    },
    applied: { type: 'boolean', default: false, description: 'record the file as applied, if its effects are there' },
  },
  run: async ({ url: given, continue: goesOn, restart, applied, ...output }, [name = '']) => {
    const url = databaseUrl(given);
    if ([goesOn, restart, applied].filter(Boolean).length !== 1) {
      throw new UsageError('Say one of --continue, --restart and --applied.');
    }
    return answerWith('resolve', output, async () => {
      const migrations = await readMigrations(project);
      const migration = migrations[placeOf(migrations, name) - 1];
      return withConnection(url, 'likeness db resolve', (client) =>
        withMigrationLock(client, 60_000, async () => {
          if (applied || !migration) {
            const stamped = await stampHistory(client, { project, migrations, name });
            return answerDone(project, 'resolve', {}, `Recorded ${stamped.join(', ')}: its effects are there.`, {
              stamped,
            });
          }
          const statement = await resolveHalfApplied(client, project, migration, restart ? 'restart' : 'continue');
          const text = `\`likeness db migrate\` goes on with statement ${statement + 1} of ${name}.`;
          return answerDone(project, 'resolve', {}, text, { name, statement });
        }),
      );
    });
  },
});

import { answerDone, answerResetState } from '@likeness/schema-tools/answers/acts.ts';
import { withConnection } from '../platform/db/connect.ts';
import { migrate } from '@likeness/schema-tools/acts/migrate.ts';
import { withMigrationLock } from '@likeness/schema-tools/history/lock.ts';
import { project } from '../database.ts';
import { readMigrations } from '@likeness/schema-tools/history/folder.ts';
import { emptyDatabase, resetState } from '@likeness/schema-tools/acts/reset.ts';
import { defineCommand, UsageError } from './command.ts';
import { answerWith, askForConsent, databaseFlags, databaseUrl } from './database-command.ts';

export const command = defineCommand({
  name: 'db reset',
  summary: 'rebuild the history from the schema, or drop everything and migrate again',
  flags: {
    ...databaseFlags,
    state: { type: 'boolean', default: false, description: 'only the history table, with a backup' },
    database: { type: 'boolean', default: false, description: 'all tables with their rows' },
    confirm: {
      type: 'string',
      placeholder: 'NAME',
      description: 'with --database: the name of the database to empty',
    },
  },
  run: async ({ url: given, state, database, confirm, ...output }) => {
    const url = databaseUrl(given);
    if (state === database) throw new UsageError('Say --state or --database.');
    return answerWith('reset', output, async () => {
      if (state) {
        return withConnection(url, 'likeness db reset', (client) =>
          withMigrationLock(client, 60_000, async () =>
            answerResetState(
              project,
              await resetState(client, {
                project,
                migrations: await readMigrations(project),
              }),
            ),
          ),
        );
      }
      const name = await empty(url, confirm);
      const { applied } = await migrate({ url, project });
      return answerDone(
        project,
        'reset',
        { database: name },
        `${name} was emptied, and ${applied.length} migrations were applied.`,
        { applied },
      );
    });
  },
});

// Outside development the database's name has to be typed, or given by `--confirm`.
async function empty(url: string, confirm: string | undefined): Promise<string> {
  return withConnection(url, 'likeness db reset', (client) =>
    withMigrationLock(client, 60_000, () =>
      emptyDatabase(client, project, confirm, async (name) => {
        if (process.env['NODE_ENV'] === 'development') return;
        const question = `This drops every table of ${name} with its rows. Type its name to go on:`;
        await askForConsent(question, `--confirm ${name}`, (answer) => answer === name);
      }),
    ),
  );
}

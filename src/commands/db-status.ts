import { answerStatus } from '@likeness/schema-tools/answers/status.ts';
import { readServerVersion } from '@likeness/schema-tools/catalog/read.ts';
import { readDatabaseName } from '@likeness/schema-tools/acts/check.ts';
import { withConnection } from '../platform/db/connect.ts';
import { readLedger } from '@likeness/schema-tools/history/ledger.ts';
import { findHindering, readStatus } from '@likeness/schema-tools/acts/status.ts';
import { project } from '../database.ts';
import { readMigrations } from '@likeness/schema-tools/history/folder.ts';
import { defineCommand } from './command.ts';
import { answerWith, databaseFlags, databaseUrl } from './database-command.ts';

export const command = defineCommand({
  name: 'db status',
  summary: 'show which migrations are applied, which are pending, and who applied them',
  flags: databaseFlags,
  run: async ({ url: given, ...output }) => {
    const url = databaseUrl(given);
    return answerWith('status', output, async () => {
      const migrations = await readMigrations(project);
      return withConnection(url, 'likeness db status', async (client) => {
        const status = await readStatus(client, project, migrations);
        return answerStatus({
          database: await readDatabaseName(client),
          serverVersion: (await readServerVersion(client)).version,
          migrations,
          status,
          hindering: await findHindering(client, status, migrations),
          ledger: await readLedger(client, project),
        });
      });
    });
  },
});

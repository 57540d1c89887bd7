import { answerStatus } from '@likeness/schema-tools/answers/status.ts';
import { readServerVersion } from '@likeness/schema-tools/catalog/read.ts';
import { readDatabaseName } from '@likeness/schema-tools/acts/check.ts';
import { withConnection } from '../platform/db/connect.ts';
import { readHistory } from '@likeness/schema-tools/history/history.ts';
import { readLedger } from '@likeness/schema-tools/history/ledger.ts';
import { findUnadopted } from '@likeness/schema-tools/acts/migrate.ts';
import { project } from '../database.ts';
import { readMigrations } from '@likeness/schema-tools/history/folder.ts';
import { readStanding } from '@likeness/schema-tools/acts/standing.ts';
import { readQueueVersion } from '@likeness/schema-tools/history/queue.ts';
import { defineCommand } from './command.ts';
import { answerWith, databaseFlags, databaseUrl, publicAlone } from './database-command.ts';

export const command = defineCommand({
  name: 'db status',
  summary: 'show which migrations are applied, which are pending, and who applied them',
  flags: databaseFlags,
  run: async ({ url: given, schema, ...output }) => {
    const url = databaseUrl(given);
    publicAlone(schema);
    return answerWith('status', output, async () => {
      const migrations = await readMigrations(project);
      return withConnection(url, 'likeness db status', async (client) => {
        const history = await readHistory(client);
        const comparison = await readStanding(client, project, migrations);
        const unadopted = await findUnadopted(client, project, migrations, comparison);
        return answerStatus({
          project,
          database: await readDatabaseName(client),
          serverVersion: (await readServerVersion(client)).version,
          migrations,
          history,
          comparison: { ...comparison, problems: [...comparison.problems, ...(unadopted ? [unadopted] : [])] },
          ledger: await readLedger(client, project),
          queueVersion: await readQueueVersion(client, project),
        });
      });
    });
  },
});

import { adoptionPreview } from '../adoption/answers.ts';
import { previewAdoption } from '../adoption/adopt.ts';
import { answerReport } from '@likeness/schema-tools/answers/report.ts';
import { checkDatabase } from '@likeness/schema-tools/acts/check.ts';
import { withConnection } from '../platform/db/connect.ts';
import { readLedger } from '@likeness/schema-tools/history/ledger.ts';
import { project } from '../database.ts';
import { readMigrations } from '@likeness/schema-tools/history/folder.ts';
import { defineCommand } from './command.ts';
import { answerWith, databaseFlags, databaseUrl, schemaFlag } from './database-command.ts';

export const command = defineCommand({
  name: 'db report',
  summary: 'write down how the database stands, what was done to it, and how it was before',
  flags: { ...databaseFlags, ...schemaFlag },
  run: async ({ url: given, schema, format = 'md', out }) => {
    const url = databaseUrl(given);
    return answerWith('report', { format, out }, async () => {
      const migrations = await readMigrations(project);
      return withConnection(url, 'likeness db report', async (client) => {
        const checked = await checkDatabase(client, {
          project,
          ...(schema !== undefined && { schema }),
        });
        const preview = checked.state === 'unadopted' ? await previewAdoption(client, { project, allow: [] }) : null;
        return answerReport({
          checked,
          migrations,
          ledger: await readLedger(client, project),
          adoption: preview && adoptionPreview(checked, preview.plan),
          at: new Date(),
        });
      });
    });
  },
});

import { project } from '../database.ts';
import { answerCheck } from '@likeness/schema-tools/answers/check.ts';
import type { CatalogObject } from '@likeness/schema-tools/catalog/objects.ts';
import { checkDatabase } from '@likeness/schema-tools/acts/check.ts';
import { withConnection } from '../platform/db/connect.ts';
import { severities } from '@likeness/schema-tools/diff/codes.ts';
import { findInData } from '@likeness/schema-tools/fix/data.ts';
import { defineCommand, UsageError } from './command.ts';
import { answerWith, choiceOf, databaseFlags, databaseUrl, schemaFlag } from './database-command.ts';

export const command = defineCommand({
  name: 'db check',
  summary: 'compare model, migrations and database, and name the cause of each difference',
  flags: {
    ...databaseFlags,
    ...schemaFlag,
    against: { type: 'string', placeholder: 'SIDE', description: 'model or migrations alone (both)' },
    'fail-on': {
      type: 'string',
      placeholder: 'SEVERITY',
      description: 'the least that makes the exit code 2: critical, warning, info or none (warning)',
    },
    table: { type: 'string', placeholder: 'TABLE', description: 'report only this table' },
    data: { type: 'boolean', default: false, description: 'also find rows that violate the model' },
  },
  run: async ({ url: given, schema, against: side, 'fail-on': least, table, data, ...output }) => {
    const url = databaseUrl(given);
    const against = choiceOf('against', side, ['model', 'migrations']);
    const failOn = choiceOf('fail-on', least, [...severities, 'none']) ?? 'warning';
    const options = { project, ...(schema !== undefined && { schema }), ...(against && { against }) };
    return answerWith('check', output, async () => {
      const { checked, inRows } = await withConnection(url, 'likeness db check', async (client) => {
        const found = await checkDatabase(client, options);
        return { checked: found, inRows: data ? await findInData(client, found.live, found.drift) : [] };
      });
      if (table !== undefined && ![...checked.live, ...checked.expected].some((each) => isOf(each, table))) {
        throw new UsageError(`There is no table "${table}", neither in the model nor in the database.`);
      }
      return answerCheck(checked, { failOn, table, data: inRows });
    });
  },
});

function isOf({ kind, name }: CatalogObject, table: string): boolean {
  return ['table', 'view'].includes(kind) && name === table;
}

import { answerDone } from '@likeness/schema-tools/answers/acts.ts';
import { checkDatabase } from '@likeness/schema-tools/acts/check.ts';
import { withConnection } from '../platform/db/connect.ts';
import { accept, createLedger, enterAct } from '@likeness/schema-tools/history/ledger.ts';
import { MigrationError } from '@likeness/schema-tools/history/errors.ts';
import { withMigrationLock } from '@likeness/schema-tools/history/lock.ts';
import { project } from '../database.ts';
import { defineCommand, UsageError } from './command.ts';
import { answerWith, databaseFlags, databaseUrl, publicAlone } from './database-command.ts';

export const command = defineCommand({
  name: 'db accept',
  summary: 'state that a difference may stay, so that checks report it as information',
  operands: ['CODE', 'OBJECT'],
  flags: {
    ...databaseFlags,
    reason: { type: 'string', placeholder: 'TEXT', description: 'why, for the ledger and for every later check' },
  },
  run: async ({ url: given, schema, reason, ...output }, [code = '', object = '']) => {
    const url = databaseUrl(given);
    publicAlone(schema);
    if (!reason) throw new UsageError('--reason is missing: a later reader wants to know why.');
    return answerWith('accept', output, () =>
      withConnection(url, 'likeness db accept', (client) =>
        withMigrationLock(client, 60_000, async () => {
          const { drift, database, serverVersion } = await checkDatabase(client, { project });
          const finding = drift.find((each) => each.code === code && each.object === object);
          if (!finding) {
            const there = drift.map((each) => `${each.code} ${each.object}`).join(', ') || 'none';
            throw new MigrationError('refused', `There is no difference ${code} ${object}; there are: ${there}.`);
          }
          const acceptance = { code, object, actual: finding.actual, reason };
          await createLedger(client, project);
          await client.query('begin');
          const act = await enterAct(client, project, {
            act: 'accept',
            target: `${code} ${object}`,
            hash: null,
            outcome: 'done',
            details: acceptance,
          });
          await accept(client, project, act, acceptance);
          await client.query('commit');
          const text = `Accepted ${code} ${object}, as long as it stays as it is now.`;
          return answerDone(project, 'accept', { database, serverVersion }, text, { accepted: acceptance });
        }),
      ),
    );
  },
});

import { answerPlan } from '@likeness/schema-tools/answers/plan.ts';
import { project } from '../database.ts';
import { readPlan } from '@likeness/schema-tools/acts/plan.ts';
import { defineCommand } from './command.ts';
import { answerWith, databaseFlags, databaseUrl } from './database-command.ts';

export const command = defineCommand({
  name: 'db plan',
  summary: 'show the SQL of pending migrations with its locks and hazards',
  flags: databaseFlags,
  run: async ({ url: given, ...output }) => {
    const url = databaseUrl(given);
    return answerWith('plan', output, async () => {
      const { pending, place } = await readPlan(url, project);
      return answerPlan('plan', pending, place);
    });
  },
});

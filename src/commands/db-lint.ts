import { answerLint } from '@likeness/schema-tools/answers/plan.ts';
import { MigrationError } from '@likeness/schema-tools/history/errors.ts';
import { project, projectAt } from '../database.ts';
import { readMigrations } from '@likeness/schema-tools/history/folder.ts';
import { defineCommand } from './command.ts';
import { answerWith, outputFlags } from './database-command.ts';

export const command = defineCommand({
  name: 'db lint',
  summary: 'find hazards in the migrations: lost data, locked tables, statements that cannot work',
  flags: {
    ...outputFlags,
    folder: { type: 'string', placeholder: 'DIR', description: 'the migrations (those of the service)' },
  },
  run: async ({ folder = project.folder, ...output }) =>
    answerWith('lint', output, async () => {
      try {
        return answerLint(await readMigrations(projectAt(folder)), []);
      } catch (error) {
        if (!(error instanceof MigrationError) || error.problems.length === 0) throw error;
        return answerLint([], error.problems);
      }
    }),
});

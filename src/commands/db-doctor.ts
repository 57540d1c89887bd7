import { answerDoctor, diagnose } from '@likeness/schema-tools/acts/doctor/doctor.ts';
import { project } from '../database.ts';
import { defineCommand } from './command.ts';
import { answerWith, databaseFlags, databaseUrl } from './database-command.ts';

export const command = defineCommand({
  name: 'db doctor',
  summary: 'examine configuration, server, privileges, history and schema',
  flags: databaseFlags,
  run: async ({ url: given, ...output }) => {
    const url = databaseUrl(given);
    return answerWith('doctor', output, async () => {
      const { components, checked } = await diagnose(url, project);
      return answerDoctor(components, checked);
    });
  },
});

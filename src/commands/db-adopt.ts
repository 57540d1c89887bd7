import { answerAdopted, answerAdoptionPlan } from '../adoption/answers.ts';
import { answerCheck } from '@likeness/schema-tools/answers/check.ts';
import { adoptDatabase, previewAdoption } from '../adoption/adopt.ts';
import { countChanges } from '../adoption/plan.ts';
import type { TrainerOf } from '../adoption/trainings.ts';
import { defaultPatience } from '@likeness/schema-tools/acts/apply.ts';
import { checkDatabase } from '@likeness/schema-tools/acts/check.ts';
import { withConnection } from '../platform/db/connect.ts';
import { requireFitServer } from '@likeness/schema-tools/acts/doctor/server.ts';
import { MigrationError } from '@likeness/schema-tools/history/errors.ts';
import { withMigrationLock } from '@likeness/schema-tools/history/lock.ts';
import { project } from '../database.ts';
import { readMigrations } from '@likeness/schema-tools/history/folder.ts';
import { renderText } from '@likeness/schema-tools/report/text.ts';
import { trainers } from '../features/trainers/registry.ts';
import { defineCommand, UsageError } from './command.ts';
import { allowFlag, answerWith, askForConsent, codesOf, databaseFlags, databaseUrl } from './database-command.ts';

export const command = defineCommand({
  name: 'db adopt',
  summary: 'adopt the database of the earlier system without losing a row',
  flags: {
    ...databaseFlags,
    from: { type: 'string', placeholder: 'SYSTEM', description: 'the tool that has migrated it so far: alembic' },
    'dry-run': { type: 'boolean', default: false, description: 'only show check and plan' },
    yes: { type: 'boolean', default: false, description: 'do not ask' },
    ...allowFlag,
  },
  run: async ({ url: given, from, 'dry-run': dryRun, yes, allow, ...output }) => {
    const url = databaseUrl(given);
    if (from !== 'alembic') throw new UsageError('Say --from alembic: no other system can be taken over.');
    const options = { project, allow: codesOf(allow) };
    return answerWith('adopt', output, () =>
      withConnection(url, 'likeness db adopt', (client) =>
        withMigrationLock(client, 60_000, async () => {
          const { checked, plan } = await previewAdoption(client, options);
          if (checked.state === 'empty') {
            throw new MigrationError('refused', 'The database is empty: `likeness db migrate` fills it.');
          }
          if (checked.state !== 'unadopted') {
            const answer = answerCheck(await checkDatabase(client, { project }), {
              failOn: 'warning',
              data: [],
            });
            return { ...answer, command: 'adopt', data: { ...answer.data, adopted: true } };
          }
          const preview = answerAdoptionPlan(
            checked,
            plan,
            plan.refusals.some(({ code }) => code === 'adopt_no_tables')
              ? []
              : await countChanges(client, checked.live),
          );
          if (dryRun || plan.refusals.length > 0) return preview;
          await requireFitServer(client, project, url);
          if (!yes) {
            process.stderr.write(renderText(preview));
            await askForConsent(`Adopt ${checked.database}? [y/N]`, '--yes');
          }
          const migrations = await readMigrations(project);
          const onStep = (title: string, index: number, count: number) =>
            process.stderr.write(`step ${index} of ${count}: ${title}\n`);
          const adopted = await adoptDatabase(client, {
            ...options,
            migrations,
            trainerOf,
            lockTimeoutMs: defaultPatience.lockTimeoutMs,
            onStep,
          });
          return answerAdopted(adopted, await checkDatabase(client, { project }));
        }),
      ),
    );
  },
});

// The earlier system trained portraits, its default, with an endpoint that fal still has; styles with one that fal has
// ended; objects not at all.
const trainerOf: TrainerOf = (trainingType) => {
  const portrait = trainers.find(({ name }) => name === 'portrait');
  if (!portrait || (trainingType !== null && trainingType !== 'portrait')) return null;
  return { name: portrait.name, endpoint: portrait.endpoint, longestRunSeconds: portrait.longest_run_seconds };
};

import { readFile, writeFile } from 'node:fs/promises';
import { answerRepaired, answerRepairPlan } from '@likeness/schema-tools/answers/acts.ts';
import { defaultPatience } from '@likeness/schema-tools/acts/apply.ts';
import { checkDatabase } from '@likeness/schema-tools/acts/check.ts';
import { withConnection } from '../platform/db/connect.ts';
import { withMigrationLock } from '@likeness/schema-tools/history/lock.ts';
import { project } from '../database.ts';
import { applyRepair, parsePlan, planRepair } from '@likeness/schema-tools/acts/repair.ts';
import { defineCommand, UsageError } from './command.ts';
import { allowFlag, answerWith, codesOf, databaseFlags, databaseUrl } from './database-command.ts';

export const command = defineCommand({
  name: 'db repair',
  summary: 'undo manual changes of a database',
  flags: {
    ...databaseFlags,
    apply: { type: 'boolean', default: false, description: 'run the plan, which is otherwise only shown' },
    plan: {
      type: 'string',
      placeholder: 'FILE',
      description: 'write the plan to this file; with --apply, run the plan in it',
    },
    ...allowFlag,
  },
  run: async ({ url: given, apply, plan: planFile, allow, ...output }) => {
    const url = databaseUrl(given);
    const codes = codesOf(allow);
    if (apply && planFile !== undefined && codes.length > 0) {
      throw new UsageError(
        'A plan that was written down says itself what is allowed: leave --allow away, or plan again.',
      );
    }
    return answerWith('repair', output, () =>
      withConnection(url, 'likeness db repair', async (client) => {
        const options = { project, against: 'migrations' as const };
        if (!apply) {
          const checked = await checkDatabase(client, options);
          const plan = planRepair(checked, codes);
          if (planFile !== undefined) await writeFile(planFile, `${JSON.stringify(plan, null, 2)}\n`);
          return answerRepairPlan(plan, checked);
        }
        return withMigrationLock(client, 60_000, async () => {
          const checked = await checkDatabase(client, options);
          const plan =
            planFile === undefined ? planRepair(checked, codes) : parsePlan(project, await readFile(planFile, 'utf8'));
          if (plan.steps.length === 0) return answerRepairPlan(plan, checked);
          return answerRepaired(await applyRepair(client, plan, { ...options, patience: defaultPatience }), checked);
        });
      }),
    );
  },
});

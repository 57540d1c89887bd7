import { defaultPatience } from '@likeness/schema-tools/acts/apply.ts';
import { answerMigrate } from '@likeness/schema-tools/answers/acts.ts';
import { answerPlan } from '@likeness/schema-tools/answers/plan.ts';
import { migrate } from '@likeness/schema-tools/acts/migrate.ts';
import { project } from '../database.ts';
import { readPlan } from '@likeness/schema-tools/acts/plan.ts';
import { defineCommand, UsageError } from './command.ts';
import { allowFlag, answerWith, codesOf, databaseFlags, databaseUrl, numberOf } from './database-command.ts';

export const command = defineCommand({
  name: 'db migrate',
  summary: 'bring the database to the version of this code',
  flags: {
    ...databaseFlags,
    to: { type: 'string', placeholder: 'NAME', description: 'the last migration to apply (the newest)' },
    'dry-run': {
      type: 'boolean',
      default: false,
      description: 'show what would be run, with its locks, and change nothing',
    },
    continue: {
      type: 'boolean',
      default: false,
      description: 'go on with the statement at which a file without a transaction stopped',
    },
    restart: {
      type: 'boolean',
      default: false,
      description: 'begin such a file again; what it did was undone by hand',
    },
    'lock-timeout': {
      type: 'string',
      placeholder: 'SECONDS',
      description: 'how long a statement waits for a table (3)',
    },
    wait: {
      type: 'string',
      placeholder: 'SECONDS',
      description: 'how long to wait for another one that migrates (60)',
    },
    ...allowFlag,
  },
  run: async (values) => {
    const { url: given, to, 'dry-run': dryRun, 'lock-timeout': lockTimeout, wait, allow, ...others } = values;
    const { continue: goesOn, restart, ...output } = others;
    const url = databaseUrl(given);
    if ([goesOn, restart, dryRun].filter(Boolean).length > 1)
      throw new UsageError('Say one of --continue, --restart and --dry-run.');
    const resume = goesOn ? ('continue' as const) : restart ? ('restart' as const) : undefined;
    const seconds = numberOf('lock-timeout', lockTimeout);
    const patience = {
      ...defaultPatience,
      ...(seconds !== undefined && { lockTimeoutMs: Math.round(seconds * 1000) }),
    };
    const lockWaitMs = (numberOf('wait', wait) ?? 60) * 1000;
    return answerWith('migrate', output, async () => {
      if (dryRun) {
        const { pending, place } = await readPlan(url, project, to);
        return { ...answerPlan('migrate', pending, place), exitCode: 0 };
      }
      const options = { url, project, to, lockWaitMs, patience, allow: codesOf(allow), resume };
      return answerMigrate(
        project,
        await migrate({ ...options, onApplied: (name) => process.stderr.write(`applied ${name}\n`) }),
      );
    });
  },
});

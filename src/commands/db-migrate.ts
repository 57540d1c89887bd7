import { defaultPatience } from '@likeness/schema-tools/acts/apply.ts';
import { answerMigrate } from '@likeness/schema-tools/answers/acts.ts';
import { answerPlan } from '@likeness/schema-tools/answers/plan.ts';
import { migrate } from '@likeness/schema-tools/acts/migrate.ts';
import { project } from '../database.ts';
import { limits } from '../limits.ts';
import { readPlan } from '@likeness/schema-tools/acts/plan.ts';
import { defineCommand, UsageError } from './command.ts';
import { allowFlag, answerWith, codesOf, databaseFlags, databaseUrl, numberOf } from './database-command.ts';

export const command = defineCommand({
  name: 'db migrate',
  summary: 'migrate the database to the version of this code',
  flags: {
    ...databaseFlags,
    to: { type: 'string', placeholder: 'NAME', description: 'the last migration to apply (the newest)' },
    'dry-run': {
      type: 'boolean',
      default: false,
      description: 'only show the statements with their locks',
    },
    continue: {
      type: 'boolean',
      default: false,
      description: 'continue a half-applied file at the statement that stopped',
    },
    restart: {
      type: 'boolean',
      default: false,
      description: 'restart a half-applied file, after its effects were undone manually',
    },
    'lock-timeout': {
      type: 'string',
      placeholder: 'SECONDS',
      description: 'seconds that a statement waits for a lock (3)',
    },
    wait: {
      type: 'string',
      placeholder: 'SECONDS',
      description: 'seconds to wait for another migrating process (60)',
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
      concurrentLockTimeoutMs: limits.databaseConcurrentLock.ms,
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

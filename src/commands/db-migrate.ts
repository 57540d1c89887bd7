import { BootError, readSettings } from '../config.ts';
import { migrationsFolder } from '../plugins/health.ts';
import { migrate } from '../schema-tools/migrate.ts';
import { MigrationError, type MigrationErrorCode } from '../schema-tools/migration-error.ts';
import { defineCommand } from './command.ts';

const exitCodes: Record<MigrationErrorCode, number> = {
  history_broken: 3,
  busy: 4,
  failed: 6,
  half_applied: 7,
  unreachable: 1,
};

export const command = defineCommand({
  name: 'db migrate',
  summary: 'bring the database to the version of this code',
  flags: { url: { type: 'string', placeholder: 'URL', description: 'the database (DATABASE_URL)' } },
  run: async ({ url: given }) => {
    const url = given ?? readSettings(process.env).DATABASE_URL;
    if (!url) throw new BootError('DATABASE_URL is not set: name the database that is to be migrated, or pass --url.');
    try {
      const { applied, already, pgboss } = await migrate({ url, folder: migrationsFolder });
      for (const name of applied) process.stdout.write(`applied ${name}\n`);
      if (pgboss.action !== 'none') process.stdout.write(`${pgboss.action} the job queue, version ${pgboss.to}\n`);
      if (applied.length === 0) process.stdout.write(`nothing to apply: ${already} migrations are there\n`);
      return 0;
    } catch (error) {
      if (!(error instanceof MigrationError)) throw error;
      process.stderr.write(`${error.message}\n`);
      return exitCodes[error.code];
    }
  },
});

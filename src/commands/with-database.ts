import { validate } from 'uuid';
import { readSettings } from '../config.ts';
import type { Context } from '../context.ts';
import { createDatabase, type DatabaseHandle } from '../platform/db/client.ts';
import { commandDatabase } from './development/command-database.ts';
import { BootError, Problem } from '../errors.ts';
import { findInstallation } from '../platform/installation/installation.ts';
import { UsageError } from './command.ts';

/**
 * Runs a command on the database, with DATABASE_URL as its only required setting.
 * @param name of the command, for pg_stat_activity
 * @returns its exit code; 1 for a problem, which is printed to standard error
 */
export async function withDatabase(name: string, work: (database: DatabaseHandle) => Promise<number>): Promise<number> {
  await using ends = new AsyncDisposableStack();
  const url = await commandDatabase(readSettings(process.env), ends);
  const database = createDatabase(url, { max: 1, applicationName: `likeness ${name}` });
  ends.defer(() => database.close());
  try {
    return await work(database);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.code === 'invalid-request') throw new UsageError(error.message);
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

/** Runs a command that shows what the API shows. @throws BootError (78) when no service has ever run on the database */
export function withRecords(
  name: string,
  work: (records: Pick<Context, 'db' | 'installation'>) => Promise<number>,
): Promise<number> {
  return withDatabase(name, async ({ db }) => {
    const installation = await findInstallation(db);
    if (!installation) {
      throw new BootError('No service has run on this database yet, so there is nothing to show: start one first.');
    }
    return work({ db, installation });
  });
}

/** @throws UsageError for an invalid id */
export function checkId(kind: string, id: string): void {
  if (!validate(id)) throw new UsageError(`"${id}" is not the id of ${kind}.`);
}

import { violationOf } from '../../platform/db/violations.ts';
import { Problem } from '../../errors.ts';

/**
 * Runs a deletion, and says in words when a table that isn't the service's refers to what would be deleted.
 * @throws Problem 409 `in-use` naming the table; nothing was deleted then
 */
export async function inUseTold<T>(kind: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const violation = violationOf(error);
    if (violation?.kind !== 'foreign-key') throw error;
    throw new Problem('in-use', `Rows of the table ${violation.table} refer to this ${kind}: remove them first.`, {
      extensions: { table: violation.table, constraint: violation.constraint },
      cause: error,
    });
  }
}

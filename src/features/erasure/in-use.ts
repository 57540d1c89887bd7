import { violationOf } from '../../platform/db/violations.ts';
import { Problem } from '../../errors.ts';

/**
 * Turns a foreign key violation by a table outside the service into a problem.
 * @param kind what is deleted, for people
 * @throws Problem 409 `in-use` naming the table; nothing was deleted then
 */
export async function refuseInUse<T>(kind: string, deletion: Promise<T>): Promise<T> {
  try {
    return await deletion;
  } catch (error) {
    const violation = violationOf(error);
    if (violation?.kind !== 'foreign-key') throw error;
    throw new Problem('in-use', `Rows of the table ${violation.table} refer to this ${kind}: remove them first.`, {
      extensions: { table: violation.table, constraint: violation.constraint },
      cause: error,
    });
  }
}

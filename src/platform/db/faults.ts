import { DrizzleQueryError } from 'drizzle-orm';

/**
 * What a fault of the database is about. `connection`: there is none, or it broke. `server`: it is there and can't do it
 * now: shutting down, full, read-only, out of time. `conflict`: others were at the same rows. `data`: the values themselves
 * are impossible, however often they are sent.
 */
export type DatabaseFault = 'connection' | 'server' | 'conflict' | 'data';

// SQLSTATE, by its class or whole (PostgreSQL, appendix A); the first that matches counts.
const sqlStates: readonly (readonly [states: RegExp, fault: DatabaseFault])[] = [
  // 28 and 3D000: no session is given; 25P03, 25P04: a session that was ended for its time.
  [/^(08...|28...|3D000|57P0[1-5]|25P0[34])$/, 'connection'],
  // 25006: read-only, as a standby is; 57014: out of time; 58: the machine's disk or memory.
  [/^(53...|57...|58...|25006)$/, 'server'],
  [/^(40...|55...|25...)$/, 'conflict'],
  [/^(22...|23...|44...|54...)$/, 'data'],
];

const networkCodes = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EAI_NODATA',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EPIPE',
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
]);
// These are said of files too; of the database only where a connection, to its socket's file, was tried.
const socketCodes = new Set(['ENOENT', 'EACCES', 'EADDRNOTAVAIL', 'EMFILE', 'ENFILE']);

// pg's own words for a server that isn't there, which bear no code.
const driverWords =
  /Connection terminated|is not queryable|timeout exceeded when trying to connect|Cannot use a pool after|timeout expired|Query read timeout|Connection ended/;

/**
 * Sorts a fault by the one list of what means what. In a chain of causes the first error that bears a code decides, so
 * that a fault of the object store or of fal is none of the database's, whatever caused it.
 * @returns null for an error that the database, and the way to it, has no part in
 */
export function databaseFault(error: unknown): DatabaseFault | null {
  for (const cause of causesOf(error)) {
    const { code, syscall } = cause as NodeJS.ErrnoException;
    if (typeof code !== 'string') {
      if (driverWords.test(cause.message)) return 'connection';
      continue;
    }
    if (networkCodes.has(code) || (socketCodes.has(code) && syscall === 'connect')) return 'connection';
    return sqlStates.find(([states]) => states.test(code))?.[1] ?? null;
  }
  return null;
}

/** @returns whether there is no connection to the database, or it broke */
export function isConnectionLost(error: unknown): boolean {
  return databaseFault(error) === 'connection';
}

/** @returns whether the database is away, or there and unable: full, read-only, shutting down, out of time */
export function isDatabaseUnavailable(error: unknown): boolean {
  const fault = databaseFault(error);
  return fault === 'connection' || fault === 'server';
}

/** @returns whether what failed may succeed by itself when it is tried again later */
export function isRetryable(error: unknown): boolean {
  const fault = databaseFault(error);
  return fault === null ? isOfTheDriver(error) : fault !== 'data';
}

/** @returns whether the data itself makes it impossible: tried again it fails again */
export function isDeterministic(error: unknown): boolean {
  return databaseFault(error) === 'data';
}

// A query that failed, and not by PostgreSQL's word nor by a mistake in ours: the driver had no way to send it.
function isOfTheDriver(error: unknown): boolean {
  if (!(error instanceof DrizzleQueryError)) return false;
  const { cause } = error;
  return cause !== undefined && !('code' in cause) && !(cause instanceof TypeError) && !(cause instanceof RangeError);
}

/** The error, its cause, the cause of that, and so on; of several that happened at once the first. */
export function* causesOf(error: unknown): Generator<Error> {
  // A chain that is longer than this is a circle.
  let cause: unknown = error;
  for (let depth = 0; cause instanceof Error && depth < 20; depth += 1) {
    yield cause;
    cause = cause instanceof AggregateError ? cause.errors[0] : cause.cause;
  }
}

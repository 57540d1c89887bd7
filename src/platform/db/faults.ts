import { DrizzleQueryError } from 'drizzle-orm/errors';

/**
 * Kinds of database errors. `connection`: there is none, or it broke. `server`: the server is there but unable:
 * shutting down, full, read-only, out of time. `conflict`: a concurrent transaction. `data`: the values themselves are
 * impossible and fail again.
 */
export type DatabaseFault = 'connection' | 'server' | 'conflict' | 'data';

// SQLSTATE classes or codes (PostgreSQL, appendix A); the first match counts.
const sqlStates: readonly (readonly [states: RegExp, fault: DatabaseFault])[] = [
  // 28, 3D000: no session; 25P03, 25P04: a session ended by a timeout.
  [/^(08...|28...|3D000|57P0[1-5]|25P0[34])$/, 'connection'],
  // 25006: read-only, as on a standby; 57014: statement timeout; 58: disk or memory of the host.
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
// File errors too: counted only where a connection to a socket was attempted.
const socketCodes = new Set(['ENOENT', 'EACCES', 'EADDRNOTAVAIL', 'EMFILE', 'ENFILE']);

// Messages of pg for a lost server, which carry no code.
const driverWords =
  /Connection terminated|is not queryable|timeout exceeded when trying to connect|Cannot use a pool after|timeout expired|Query read timeout|Connection ended/;

/**
 * Classifies an error. The first error with a code in the chain of causes decides, so that a fault of the object store
 * or of fal is not taken for one of the database.
 * @returns null for an error that is not the database's
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

export function isConnectionLost(error: unknown): boolean {
  return databaseFault(error) === 'connection';
}

export function isDatabaseUnavailable(error: unknown): boolean {
  const fault = databaseFault(error);
  return fault === 'connection' || fault === 'server';
}

/** Whether a statement timed out or lost against concurrent ones, so that another may succeed. */
export function isHeldUp(error: unknown): boolean {
  if (databaseFault(error) === 'conflict') return true;
  for (const cause of causesOf(error)) if ('code' in cause && cause.code === '57014') return true;
  return false;
}

export function isRetryable(error: unknown): boolean {
  const fault = databaseFault(error);
  return fault === null ? isOfTheDriver(error) : fault !== 'data';
}

export function isDeterministic(error: unknown): boolean {
  return databaseFault(error) === 'data';
}

// A failed query without SQLSTATE that is no programming error: the driver could not send it.
function isOfTheDriver(error: unknown): boolean {
  if (!(error instanceof DrizzleQueryError)) return false;
  const { cause } = error;
  return cause !== undefined && !('code' in cause) && !(cause instanceof TypeError) && !(cause instanceof RangeError);
}

/** The chain of causes; of an AggregateError the first. */
export function* causesOf(error: unknown): Generator<Error> {
  // A longer chain is circular.
  let cause: unknown = error;
  for (let depth = 0; cause instanceof Error && depth < 20; depth += 1) {
    yield cause;
    cause = cause instanceof AggregateError ? cause.errors[0] : cause.cause;
  }
}

import { DrizzleQueryError } from 'drizzle-orm';
import { BootError } from './errors.ts';
import { connectAdvice } from './platform/db/connect-fault.ts';
import { EmbeddedError } from '@likeness/embedded-postgres/error.ts';
import { isRetryable } from './platform/db/faults.ts';
import { SessionError } from './platform/db/session.ts';
import { DatabaseUrlError } from './platform/db/url.ts';
import { MigrationError } from '@likeness/schema-tools/history/errors.ts';
import { StorageError } from './platform/storage/storage.ts';

export type StartFault = { message: string; exitCode: number; expected: boolean; stack?: string };

/**
 * Explains to the operator why a start failed, and what to do.
 * @returns `expected` false for unforeseen errors, whose stack trace is shown, without SQL
 */
export function explainStartFault(error: unknown): StartFault {
  // The message contains the statement with its values, which may be personal data and hashes of keys.
  if (error instanceof DrizzleQueryError && error.cause) {
    const told = explainStartFault(error.cause);
    if (told.expected || !isRetryable(error)) return told;
    const message = `The database can't be worked with now: ${error.cause.message}. ${connectAdvice(error.cause)}`;
    return { message, exitCode: 1, expected: true };
  }
  if (error instanceof BootError) return { message: error.message, exitCode: error.exitCode, expected: true };
  if (error instanceof EmbeddedError) {
    const message = `${error.message} Or set DATABASE_URL to a PostgreSQL server of your own.`;
    return { message, exitCode: 1, expected: true };
  }
  if (error instanceof StorageError) {
    return { message: `The object store can't be used: ${error.message}`, exitCode: 1, expected: true };
  }
  if (error instanceof MigrationError) {
    return { message: error.message, exitCode: error.code === 'unfit' ? 78 : 1, expected: true };
  }
  if (error instanceof DatabaseUrlError || error instanceof SessionError) {
    return { message: error.message, exitCode: 78, expected: true };
  }
  const message = listenSentence(error) ?? connectSentence(error);
  if (message) return { message, exitCode: 1, expected: true };
  const stack = error instanceof Error && error.stack !== undefined ? error.stack : String(error);
  return { message: `Likeness could not start: ${reasonOf(error)}`, exitCode: 1, expected: false, stack };
}

// Errors of node:net for an address that cannot be listened on.
function listenSentence(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, syscall, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  if (syscall === 'getaddrinfo') return `HOST can't be listened on: this machine knows no ${quoted(error)}.`;
  if (syscall !== 'listen') return undefined;
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} of ${address} is taken by another process: end that one, or choose another PORT.`;
    case 'EACCES':
      return `Port ${port} may not be listened on by this user: choose a PORT above 1023.`;
    case 'EADDRNOTAVAIL':
      return `HOST can't be listened on: ${address} is no address of this machine.`;
    default:
      return `Port ${port} of ${address} can't be listened on (${code}): choose another HOST or PORT.`;
  }
}

// Refusals before any statement: of the database, the role, the number of connections.
const refusedConnection = /^(28|3D|53300|57P03|08)/;

// Other connections of a start have their own sentences.
function connectSentence(error: unknown): string | undefined {
  const { syscall, message, code } = (error ?? {}) as NodeJS.ErrnoException;
  if (syscall !== 'connect' && !refusedConnection.test(code ?? '')) return undefined;
  return `Can't connect to the database: ${message}. ${connectAdvice(error)}`;
}

function quoted(error: Error): string {
  return (error as { hostname?: string }).hostname ?? 'such name';
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

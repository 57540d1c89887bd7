import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { DatabaseUrlError, databaseUrlForm, readDatabaseUrl } from '../platform/db/url.ts';
import { MigrationError, type MigrationErrorCode } from '@likeness/schema-tools/history/errors.ts';
import type { Answer } from '@likeness/schema-tools/report/document.ts';
import { type Format, formats, render } from '@likeness/schema-tools/report/render.ts';
import { UsageError } from './command.ts';

/** Exit codes of `likeness db`: 0 clean or done, 2 findings or pending migrations, 64 a wrong command line. */
const exitCodes: Record<MigrationErrorCode, number> = {
  unreachable: 1,
  history_broken: 3,
  busy: 4,
  refused: 5,
  failed: 6,
  half_applied: 7,
  unfit: 78,
};

export const outputFlags = {
  format: { type: 'string', placeholder: 'FORMAT', description: `${formats.join(', ')} (text)` },
  out: { type: 'string', placeholder: 'FILE', description: 'write the answer to this file instead of standard output' },
} as const;

export const databaseFlags = {
  url: { type: 'string', placeholder: 'URL', description: 'the database (DATABASE_URL)' },
  ...outputFlags,
} as const;

/** For commands that only read; the others work on `public`, where the service lives. */
export const schemaFlag = {
  schema: { type: 'string', placeholder: 'NAME', description: 'the schema in the database (public)' },
} as const;

/** The flag that consents to destructive or doubtful changes. */
export const allowFlag = {
  allow: {
    type: 'string',
    multiple: true,
    placeholder: 'CODE',
    description: 'accept the hazard of this code, repeatable or comma separated',
  },
} as const;

export function codesOf(given: string[] | undefined): string[] {
  return (given ?? []).flatMap((each) => each.split(',')).filter(Boolean);
}

type Output = { format?: string | undefined; out?: string | undefined };

/** Runs a command and prints its answer or its error. @returns the exit code */
export async function answerWith(
  command: string,
  { format: given, out }: Output,
  work: () => Promise<Answer>,
): Promise<number> {
  const format = formatOf(given);
  try {
    const answer = await work();
    await print(render(answer, format), out);
    return answer.exitCode;
  } catch (error) {
    if (!(error instanceof MigrationError)) throw error;
    const exitCode = exitCodes[error.code];
    if (format === 'json') {
      const { code, message, problems, file = null, sqlState = null } = error;
      await print(
        `${JSON.stringify({ formatVersion: 1, command, error: { code, message, file, sqlState, problems } }, null, 2)}\n`,
        out,
      );
    }
    process.stderr.write(`${error.message}\n`);
    return exitCode;
  }
}

/** The database that a command works on. @throws DatabaseUrlError */
export function databaseUrl(given: string | undefined): string {
  // Reading all settings takes longer than a check does.
  const url = given ?? process.env['DATABASE_URL'];
  if (!url) throw new DatabaseUrlError(`is missing: pass --url, or set DATABASE_URL as ${databaseUrlForm}.`);
  readDatabaseUrl(url);
  return url;
}

function formatOf(given: string | undefined): Format {
  const format = formats.find((each) => each === (given ?? 'text'));
  if (!format) throw new UsageError(`--format takes ${formats.join(', ')}, not "${given}".`);
  return format;
}

async function print(text: string, out: string | undefined): Promise<void> {
  if (out === undefined) process.stdout.write(text);
  else await writeFile(out, text);
}

/**
 * Asks on the terminal, by standard error, since standard output is for the answer.
 * @throws MigrationError `refused` without a terminal, with the flag to use instead
 */
export async function askForConsent(
  question: string,
  instead: string,
  consents = (answer: string) => /^y(es)?$/i.test(answer),
): Promise<void> {
  if (!process.stdin.isTTY)
    throw new MigrationError('refused', `${question} Nobody is here to answer: say ${instead}.`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} `);
    if (!consents(answer.trim())) throw new MigrationError('refused', 'Nothing was changed.');
  } finally {
    terminal.close();
  }
}

/** @throws UsageError unless `given` is one of the flag's choices */
export function choiceOf<T extends string>(
  flag: string,
  given: string | undefined,
  choices: readonly T[],
): T | undefined {
  if (given === undefined) return undefined;
  const choice = choices.find((each) => each === given);
  if (choice === undefined) throw new UsageError(`--${flag} takes ${choices.join(', ')}, not "${given}".`);
  return choice;
}

/** @throws UsageError for a negative or no number */
export function numberOf(flag: string, given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const number = Number(given);
  if (given.trim() === '' || !Number.isFinite(number) || number < 0)
    throw new UsageError(`--${flag} takes a number, not "${given}".`);
  return number;
}

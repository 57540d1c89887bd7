import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

type Flag = ParseArgsOptionsConfig[string] & { description: string; placeholder?: string };
type Flags = Record<string, Flag>;
type ValuesOf<F extends Flags> = ReturnType<typeof parseArgs<{ options: F; strict: true }>>['values'];

/** A sub-command: what it takes and what it does. */
export type Command = {
  name: string;
  summary: string;
  flags: Flags;
  /** @returns the exit code; undefined while the process goes on by itself */
  run: (args: string[]) => Promise<number | undefined>;
};

/** A command line that can't be understood; the message says what is wrong with it. Exit code 64 (EX_USAGE). */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** Defines a sub-command whose flags are checked before it runs. */
export function defineCommand<const F extends Flags>(command: {
  name: string;
  summary: string;
  flags: F;
  run: (values: ValuesOf<F>) => Promise<number | undefined>;
}): Command {
  const { name, summary, flags, run } = command;
  return { name, summary, flags, run: (args) => run(parseFlags(args, flags)) };
}

function parseFlags<F extends Flags>(args: string[], options: F): ValuesOf<F> {
  try {
    return parseArgs({ args, options, strict: true }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** @returns the help text of one command */
export function helpOf({ name, summary, flags }: Command): string {
  const lines = Object.entries(flags).map(([flag, { description, placeholder }]): [string, string] => [
    `  --${flag}${placeholder ? ` ${placeholder}` : ''}`,
    description,
  ]);
  const width = Math.max(0, ...lines.map(([left]) => left.length)) + 2;
  const table = lines.map(([left, right]) => `${left.padEnd(width)}${right}\n`).join('');
  return `likeness ${name}: ${summary}\n${table && `\n${table}`}`;
}

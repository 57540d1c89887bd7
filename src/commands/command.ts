import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { closestTo } from '../spelling.ts';

type Flag = ParseArgsOptionsConfig[string] & { description: string; placeholder?: string };
type Flags = Record<string, Flag>;
type ValuesOf<F extends Flags> = ReturnType<typeof parseArgs<{ options: F; strict: true }>>['values'];

/** A sub-command: what it takes and what it does. */
export type Command = {
  name: string;
  summary: string;
  flags: Flags;
  /** What stands after the name, in order, each by a word in capitals; one in brackets may be left out. */
  operands?: readonly string[];
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
  operands?: readonly string[];
  run: (values: ValuesOf<F>, operands: string[]) => Promise<number | undefined>;
}): Command {
  const { operands = [], run, ...rest } = command;
  return {
    ...rest,
    operands,
    run: async (args) => {
      const { values, positionals } = parse(args, rest.flags);
      const missing = operands[positionals.length];
      if (missing && !missing.startsWith('[')) throw new UsageError(`${missing} is missing.`);
      const extra = positionals[operands.length];
      if (extra !== undefined) throw new UsageError(`"${extra}" is one word too many.`);
      return run(values, positionals);
    },
  };
}

function parse<F extends Flags>(args: string[], options: F): { values: ValuesOf<F>; positionals: string[] } {
  try {
    const { values, positionals } = parseArgs({ args, options, strict: true, allowPositionals: true });
    return { values, positionals };
  } catch (error) {
    throw new UsageError(sentenceOf(error, Object.keys(options)));
  }
}

// Node's own words go on to say how to pass what begins with a dash, which nobody meant.
function sentenceOf(error: unknown, flags: string[]): string {
  const message = error instanceof Error ? error.message : String(error);
  const unknown = /^Unknown option '(-[^']*)'/.exec(message)?.[1];
  if (unknown === undefined) return message;
  const meant = closestTo(unknown.replace(/^-+/, ''), flags);
  return `There is no flag ${unknown}.${meant === undefined ? '' : ` Did you mean --${meant}?`}`;
}

/** @returns the help text of one command */
export function helpOf({ name, summary, flags, operands = [] }: Command): string {
  const lines = Object.entries(flags).map(([flag, { description, placeholder }]): [string, string] => [
    `  --${flag}${placeholder ? ` ${placeholder}` : ''}`,
    description,
  ]);
  const width = Math.max(0, ...lines.map(([left]) => left.length)) + 2;
  const table = lines.map(([left, right]) => `${left.padEnd(width)}${right}\n`).join('');
  return `likeness ${[name, ...operands].join(' ')}: ${summary}\n${table && `\n${table}`}`;
}

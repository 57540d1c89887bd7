import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { closestTo } from '../spelling.ts';

type Flag = ParseArgsOptionsConfig[string] & { description: string; placeholder?: string };
type Flags = Record<string, Flag>;
type ValuesOf<F extends Flags> = ReturnType<typeof parseArgs<{ options: F; strict: true }>>['values'];

export type Command = {
  name: string;
  summary: string;
  flags: Flags;
  /** Names of positional arguments in capitals; optional ones in brackets. */
  operands?: readonly string[];
  /** @returns the exit code; undefined while the process keeps running */
  run: (args: string[]) => Promise<number | undefined>;
};

/** A wrong command line; the message says why. Exit code 64 (EX_USAGE). */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** Defines a sub-command whose flags are parsed and checked before it runs. */
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
      const { values, positionals } = parse(rest.name, args, rest.flags);
      const missing = operands[positionals.length];
      if (missing && !missing.startsWith('[')) throw new UsageError(`${missing} is missing.`);
      const extra = positionals[operands.length];
      if (extra !== undefined) throw new UsageError(`"${extra}" is one word too many.`);
      return run(values, positionals);
    },
  };
}

function parse<F extends Flags>(
  command: string,
  args: string[],
  options: F,
): { values: ValuesOf<F>; positionals: string[] } {
  try {
    const { values, positionals } = parseArgs({ args, options, strict: true, allowPositionals: true });
    return { values, positionals };
  } catch (error) {
    throw new UsageError(sentenceOf(error, command, Object.keys(options)));
  }
}

/** Flags of the commands for the database that few of them take, and which those are: another one that is given them says so. */
export const takenBy: Readonly<Record<string, readonly string[]>> = {
  schema: ['db check', 'db report'],
  against: ['db check'],
  'fail-on': ['db check'],
  table: ['db check'],
  data: ['db check'],
  to: ['db migrate'],
  continue: ['db migrate'],
  restart: ['db migrate'],
  'lock-timeout': ['db migrate'],
  wait: ['db migrate'],
  'dry-run': ['db migrate', 'db adopt'],
  allow: ['db migrate', 'db repair', 'db adopt'],
  apply: ['db repair'],
  plan: ['db repair'],
  state: ['db reset'],
  database: ['db reset'],
  confirm: ['db reset'],
  from: ['db adopt'],
  yes: ['db adopt'],
  unverified: ['db stamp'],
  reason: ['db stamp', 'db accept'],
};

// Node goes on to explain how to pass values that begin with a dash, which misleads.
function sentenceOf(error: unknown, command: string, flags: string[]): string {
  const message = error instanceof Error ? error.message : String(error);
  const unknown = /^Unknown option '(-[^']*)'/.exec(message)?.[1];
  if (unknown === undefined) return message;
  const name = unknown.replace(/^-+/, '');
  const takers = Object.hasOwn(takenBy, name) && command.startsWith('db ') ? takenBy[name] : undefined;
  if (takers) return `likeness ${command} takes no ${unknown}: it is a flag of ${takers.join(', ')}.`;
  const meant = closestTo(name, flags);
  return `There is no flag ${unknown}.${meant === undefined ? '' : ` Did you mean --${meant}?`}`;
}

export function helpOf({ name, summary, flags, operands = [] }: Command): string {
  const lines = Object.entries(flags).map(([flag, { description, placeholder }]): [string, string] => [
    `  --${flag}${placeholder ? ` ${placeholder}` : ''}`,
    description,
  ]);
  const width = Math.max(0, ...lines.map(([left]) => left.length)) + 2;
  const table = lines.map(([left, right]) => `${left.padEnd(width)}${right}\n`).join('');
  return `likeness ${[name, ...operands].join(' ')}: ${summary}\n${table && `\n${table}`}`;
}

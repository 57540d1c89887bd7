import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';

/** What a laboratory takes and does; `npm run lab -- NAME` runs it. */
export type Laboratory = {
  help: string;
  /** Its flags as node:util has them; `only` and `help` belong to all. */
  options: ParseArgsOptionsConfig;
  /** What can be named by --only, in the order in which it runs. */
  parts: readonly string[];
  /** @returns the exit code: 1 when something does not hold */
  run(flags: Flags): Promise<number>;
};

export type Flags = {
  /** The parts that are wanted; all of them when none was named. */
  parts: readonly string[];
  /** Whether parts were named. */
  isPart: boolean;
  has(flag: string): boolean;
  text(flag: string): string | undefined;
};

/** Arguments that mean nothing, in a sentence that says what can be said. */
export class UsageError extends Error {}

/**
 * Reads the arguments of a laboratory. --only may be given again, and takes several with commas between.
 * @returns null when help was asked for
 * @throws UsageError for a flag or a part that it does not know, or --quick beside --full
 */
export function readFlags(args: string[], { options, parts }: Laboratory): Flags | null {
  const all = { ...options, only: { type: 'string', multiple: true }, help: { type: 'boolean' } } as const;
  const values = parsed(args, all);
  if (values['help'] === true) return null;
  const named = ((values['only'] as string[] | undefined) ?? []).flatMap((list) => list.split(','));
  const unknown = named.find((name) => !parts.includes(name));
  if (unknown !== undefined) throw new UsageError(`There is no ${unknown}; --only takes ${parts.join(', ')}.`);
  if (values['quick'] === true && values['full'] === true)
    throw new UsageError('--quick and --full exclude each other.');
  return {
    parts: named.length > 0 ? parts.filter((part) => named.includes(part)) : parts,
    isPart: named.length > 0,
    has: (flag) => values[flag] === true,
    text: (flag) => (typeof values[flag] === 'string' ? values[flag] : undefined),
  };
}

function parsed(args: string[], options: ParseArgsOptionsConfig): Record<string, unknown> {
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!(error instanceof Error) || !code.startsWith('ERR_PARSE_ARGS')) throw error;
    const known = Object.keys(options).map((name) => `--${name}`);
    const [sentence = ''] = error.message.split(/\.\s|\n/);
    throw new UsageError(`${sentence.replace(/\.$/, '')}; it takes ${known.join(', ')}.`);
  }
}

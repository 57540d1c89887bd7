import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';

/** A laboratory; `npm run lab -- NAME` runs it. */
export type Laboratory = {
  help: string;
  /** Flags in node:util's form, beside the common `only` and `help`. */
  options: ParseArgsOptionsConfig;
  /** Names for --only, in running order. */
  parts: readonly string[];
  /** @returns the exit code: 1 when something does not hold */
  run(flags: Flags): Promise<number>;
};

export type Flags = {
  /** The chosen parts; default all. */
  parts: readonly string[];
  isPart: boolean;
  has(flag: string): boolean;
  text(flag: string): string | undefined;
};

/** A wrong command line, with a sentence about the choices. */
export class UsageError extends Error {}

/**
 * Parses the arguments of a laboratory. --only may be repeated, and takes several parts separated by commas.
 * @returns null for --help
 * @throws UsageError for an unknown flag or part, or --quick with --full
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

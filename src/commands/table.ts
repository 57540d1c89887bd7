import { numberOf } from './database-command.ts';
import { UsageError } from './command.ts';

export const listFlags = {
  limit: { type: 'string', default: '20', placeholder: 'N', description: 'how many, 1 to 100 (20)' },
  json: { type: 'boolean', default: false, description: 'print one JSON object a line' },
} as const;

export function limitOf(given: string): number {
  const limit = numberOf('limit', given) ?? 0;
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) throw new UsageError('--limit takes 1 to 100.');
  return limit;
}

/** The values of a flag that can be repeated or hold several. @throws UsageError for unknown ones */
export function wordsOf<T extends string>(
  flag: string,
  given: readonly string[] | undefined,
  words: readonly T[],
): T[] | undefined {
  return given
    ?.flatMap((each) => each.split(','))
    .map((each) => {
      const word = words.find((one) => one === each);
      if (!word) throw new UsageError(`--${flag} takes one of ${words.join(', ')}, not "${each}".`);
      return word;
    });
}

/**
 * Prints a list: one JSON object a line, or a table. What the table omits is said on standard error, so that standard
 * output holds rows only.
 */
export function printList<T>(
  { data, total = data.length }: { data: readonly T[]; total?: number },
  json: boolean,
  cells: (item: T) => Record<string, string | number>,
): void {
  if (json) return data.forEach((item) => void process.stdout.write(`${JSON.stringify(item)}\n`));
  if (data.length === 0) return void process.stdout.write('There are none.\n');
  const rows = data.map((item) => Object.entries(cells(item)).map(([, cell]) => plain(String(cell))));
  const [first] = data;
  const heads = first === undefined ? [] : Object.keys(cells(first)).map((head) => head.toUpperCase());
  const widths = heads.map((head, index) => Math.max(head.length, ...rows.map((row) => row[index]?.length ?? 0)));
  for (const row of [heads, ...rows]) {
    process.stdout.write(
      `${row
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    );
  }
  if (total > data.length) process.stderr.write(`${data.length} of ${total}; --limit shows more.\n`);
}

/** Prints one resource: as JSON, or its non-empty members. */
export function printOne(view: object, json: boolean, members: Record<string, unknown>): void {
  if (json) return void process.stdout.write(`${JSON.stringify(view, null, 2)}\n`);
  const lines = Object.entries(members).filter(([, value]) => value !== null && value !== undefined && value !== '');
  const width = Math.max(...lines.map(([name]) => name.length)) + 2;
  for (const [name, value] of lines) {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    process.stdout.write(`${name.padEnd(width)}${plain(text)}\n`);
  }
}

// User-supplied text must not control the terminal.
function plain(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ');
}

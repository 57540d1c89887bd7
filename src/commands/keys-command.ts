import { validate } from 'uuid';
import type { MadeKey } from '../features/keys/create-key.ts';
import { keyView } from '../features/keys/view.ts';
import { UsageError } from './command.ts';

const units = { d: 86_400_000, h: 3_600_000, m: 60_000 } as const;

/** @returns milliseconds @throws UsageError for an invalid duration */
export function durationMs(flag: string, text: string, { least = 1 }: { least?: number } = {}): number {
  const [, count, unit] = /^(\d{1,5})([dhm])$/.exec(text) ?? [];
  const ms = Number(count) * (units[unit as keyof typeof units] ?? Number.NaN);
  if (!(ms >= least)) throw new UsageError(`--${flag} takes a time such as 90d, 12h or 30m, not "${text}".`);
  return ms;
}

export function checkKeyId(id: string): void {
  if (!validate(id)) throw new UsageError(`"${id}" is not the id of a key: \`likeness keys list\` shows them.`);
}

/** Prints a new key, alone on standard output so that it can be piped, or as JSON with its properties. */
export function printKey({ key, ...made }: MadeKey, json: boolean): void {
  if (json) return void process.stdout.write(`${JSON.stringify({ ...keyView(made), key })}\n`);
  process.stdout.write(`${key}\n`);
  process.stderr.write('This key is shown once; only its hash is stored.\n');
}

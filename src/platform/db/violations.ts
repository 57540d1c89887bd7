import { causesOf } from './faults.ts';

export type Violation = { kind: 'unique' | 'foreign-key'; constraint: string; table: string };

const kinds: Record<string, Violation['kind']> = { 23505: 'unique', 23503: 'foreign-key' };

/** The violated constraint, unwrapped from drizzle's errors; null for other errors. */
export function violationOf(error: unknown): Violation | null {
  for (const cause of causesOf(error)) {
    const { code, constraint = '', table = '' } = cause as { code?: string; constraint?: string; table?: string };
    const kind = typeof code === 'string' ? kinds[code] : undefined;
    if (kind) return { kind, constraint, table };
  }
  return null;
}

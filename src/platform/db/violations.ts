import { causesOf } from './faults.ts';

/** What PostgreSQL says of a statement that would break a constraint. */
export type Violation = { kind: 'unique' | 'foreign-key'; constraint: string; table: string };

const kinds: Record<string, Violation['kind']> = { 23505: 'unique', 23503: 'foreign-key' };

/** @returns which constraint an error is about, however deep drizzle wrapped it; null for any other error */
export function violationOf(error: unknown): Violation | null {
  for (const cause of causesOf(error)) {
    const { code, constraint = '', table = '' } = cause as { code?: string; constraint?: string; table?: string };
    const kind = typeof code === 'string' ? kinds[code] : undefined;
    if (kind) return { kind, constraint, table };
  }
  return null;
}

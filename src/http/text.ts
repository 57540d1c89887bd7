import { Type } from 'typebox';

type TextOptions = { maxLength: number; description?: string; examples?: string[]; default?: string };

/** A line of any script, without control characters (PostgreSQL can't store all of them); it may be empty. */
export function Text(options: TextOptions) {
  return Type.String({ ...options, pattern: '^[^\\p{Cc}\\p{Cs}]*$' });
}

/** The same, with something in it that is not a space. */
export function Line(options: TextOptions) {
  return Type.String({
    ...options,
    minLength: 1,
    pattern: '^[^\\p{Cc}\\p{Cs}]*[^\\s\\p{Cc}\\p{Cs}][^\\p{Cc}\\p{Cs}]*$',
  });
}

/** A name for programs: no spaces and no control characters. */
export function Token(options: TextOptions) {
  return Type.String({ ...options, minLength: 1, pattern: '^[^\\s\\p{Cc}\\p{Cs}]+$' });
}

import { Type } from 'typebox';

type TextOptions = { maxLength: number; description?: string; examples?: string[]; default?: string };

// These patterns are linear: of two adjacent repeated parts, no character matches both.
const text = '^[^\\p{Cc}\\p{Cs}]*$';
const line = '^[\\p{Z}\\p{Cf}]*[^\\p{Z}\\p{Cc}\\p{Cf}\\p{Cs}][^\\p{Cc}\\p{Cs}]*$';
const token = '^[^\\s\\p{Cc}\\p{Cs}]+$';
const number = '^[1-9][0-9]{0,18}$';
const printable = '^[\\x20-\\x7e]+$';
const sequence = '^[0-9]{0,15}$';
const slug = '^[a-z0-9][a-z0-9-]*$';

export const patternMeanings: Readonly<Record<string, string>> = {
  [text]: 'must not hold line breaks or other control characters',
  [line]: 'must hold something besides spaces, and no line breaks or other control characters',
  [token]: 'must not hold spaces or control characters',
  [number]: 'must be a positive number in the digits 0 to 9, without a sign and without zeros before it',
  [printable]: 'must consist of printable ASCII characters',
  [slug]: 'must consist of the letters a to z, digits and hyphens, and begin with a letter or digit',
  [sequence]: 'must be the number of an event, in the digits 0 to 9',
};

/** One line in any script, possibly empty, without control characters, which PostgreSQL cannot all store. */
export function Text(options: TextOptions) {
  return Type.String({ ...options, pattern: text });
}

/** A {@link Text} with at least one visible character. */
export function Line(options: TextOptions) {
  return Type.String({ ...options, minLength: 1, pattern: line });
}

/** An identifier for programs: no spaces or control characters. */
export function Token(options: TextOptions) {
  return Type.String({ ...options, minLength: 1, pattern: token });
}

/** A positive 64-bit integer as text with one spelling: as a JSON number some clients would round it. */
export function NumericId({ description, examples }: Omit<TextOptions, 'maxLength'>) {
  return Type.String({ description, examples, maxLength: 19, pattern: number, format: 'int64' });
}

/** Printable ASCII, for header values. */
export function Printable(options: TextOptions) {
  return Type.String({ ...options, minLength: 1, pattern: printable });
}

/** A name that stands in paths and on command lines. */
export function Slug(options: TextOptions) {
  return Type.String({ ...options, minLength: 1, pattern: slug });
}

/** An event's sequence number as text, or empty. */
export function SequenceText({ description }: { description: string }) {
  return Type.String({ description, maxLength: 15, pattern: sequence });
}

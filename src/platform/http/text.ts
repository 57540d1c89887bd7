import { Type } from 'typebox';

type TextOptions = { maxLength: number; description?: string; examples?: string[]; default?: string };

// Linear, whatever they meet: of two parts that follow each other and repeat, no character fits both.
const text = '^[^\\p{Cc}\\p{Cs}]*$';
const line = '^[\\p{Z}\\p{Cf}]*[^\\p{Z}\\p{Cc}\\p{Cf}\\p{Cs}][^\\p{Cc}\\p{Cs}]*$';
const token = '^[^\\s\\p{Cc}\\p{Cs}]+$';
const number = '^[1-9][0-9]{0,18}$';
const printable = '^[\\x20-\\x7e]+$';
const sequence = '^[0-9]{0,15}$';

/** What the patterns of the API ask for, in words for people. */
export const patternMeanings: Readonly<Record<string, string>> = {
  [text]: 'must not hold line breaks or other control characters',
  [line]: 'must hold something besides spaces, and no line breaks or other control characters',
  [token]: 'must not hold spaces or control characters',
  [number]: 'must be a positive number in the digits 0 to 9, without a sign and without zeros before it',
  [printable]: 'must consist of printable ASCII characters',
  [sequence]: 'must be the number of an event, in the digits 0 to 9',
};

/** A line of any script, without control characters (PostgreSQL can't store all of them); it may be empty. */
export function Text(options: TextOptions) {
  return Type.String({ ...options, pattern: text });
}

/** A {@link Text} with something in it that can be seen. */
export function Line(options: TextOptions) {
  return Type.String({ ...options, minLength: 1, pattern: line });
}

/** A name for programs: no spaces and no control characters. */
export function Token(options: TextOptions) {
  return Type.String({ ...options, minLength: 1, pattern: token });
}

/** A positive number of 64 bits as text, written in one way: by JSON some programs would round it. */
export function NumericId({ description, examples }: Omit<TextOptions, 'maxLength'>) {
  return Type.String({ description, examples, maxLength: 19, pattern: number, format: 'int64' });
}

/** ASCII that can be printed, for the values of headers. */
export function Printable(options: TextOptions) {
  return Type.String({ ...options, minLength: 1, pattern: printable });
}

/** The number of an event as text, or nothing. */
export function SequenceText({ description }: { description: string }) {
  return Type.String({ description, maxLength: 15, pattern: sequence });
}

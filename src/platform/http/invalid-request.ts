import { Problem, type ProblemItem } from '../../errors.ts';
import { formatMeanings } from './formats.ts';
import { patternMeanings } from './text.ts';

type Fault = { instancePath: string; keyword: string; params: Record<string, unknown>; message?: string };

const longestName = 100;

/** Error codes by JSON Schema keyword. The codes are public and stay when a schema is written differently. */
const codes: Record<string, string> = {
  additionalProperties: 'unknown-member',
  required: 'missing',
  type: 'wrong-type',
  enum: 'unknown-value',
  const: 'unknown-value',
  pattern: 'invalid-text',
  format: 'invalid-format',
  minLength: 'too-short',
  maxLength: 'too-long',
  minimum: 'too-small',
  maximum: 'too-large',
  minItems: 'too-few',
  maxItems: 'too-many',
  minProperties: 'too-few',
  uniqueItems: 'repeated',
};

const types: Record<string, string> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'null',
};

/** @param part where the faults are: body, params, querystring or headers */
export function invalidRequest(part: string, faults: readonly Fault[]): Problem {
  const errors = faults.map(itemOf);
  const first = errors[0];
  return new Problem('invalid-request', first ? `${part}: ${first.field} ${first.detail}.` : 'It is not valid.', {
    errors,
    extensions: { in: part },
  });
}

export function missingBody(): Problem {
  return new Problem('invalid-request', 'The body is missing: send a JSON object as application/json.', {
    errors: [{ field: '/', code: 'missing', detail: 'is missing' }],
    extensions: { in: 'body' },
  });
}

function itemOf({ instancePath, keyword, params, message = 'is not valid' }: Fault): ProblemItem {
  const member = params['additionalProperty'] ?? params['missingProperty'];
  const field = `${instancePath}${typeof member === 'string' ? `/${pointerTo(member)}` : ''}` || '/';
  return { field, code: codes[keyword] ?? 'invalid', detail: detailOf(keyword, params) ?? message };
}

/** @returns a name as a segment of a JSON pointer (RFC 6901 §3), shortened: unknown names may be as long as the body */
export function pointerTo(name: string): string {
  const short = name.length > longestName ? `${name.slice(0, longestName)}…` : name;
  return short.toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1');
}

function detailOf(keyword: string, params: Record<string, unknown>): string | undefined {
  const limit = Number(params['limit']);
  switch (keyword) {
    case 'additionalProperties':
      return 'is not a member this route knows';
    case 'required':
      return 'is missing';
    case 'type':
      return `must be ${[params['type']]
        .flat()
        .map((type) => types[String(type)] ?? type)
        .join(' or ')}`;
    case 'enum':
      return `must be one of ${listOf(params['allowedValues'])}`;
    case 'pattern':
      return patternMeanings[String(params['pattern'])];
    case 'format':
      return formatMeanings[String(params['format'])];
    case 'minLength':
      return limit === 1 ? 'must not be empty' : `must have at least ${limit} characters`;
    case 'maxLength':
      return `must have at most ${limit} characters`;
    case 'minimum':
      return `must be ${limit} or more`;
    case 'maximum':
      return `must be ${limit} or less`;
    case 'minItems':
      return `must have at least ${limit} ${limit === 1 ? 'entry' : 'entries'}`;
    case 'maxItems':
      return `must have at most ${limit} entries`;
    case 'minProperties':
      return 'must not be empty: give at least one of its members';
    case 'uniqueItems':
      return 'must not hold the same entry twice';
    default:
      return undefined;
  }
}

function listOf(values: unknown): string {
  return [values]
    .flat()
    .filter((value) => typeof value === 'string')
    .join(', ');
}

import type { Json, JsonObject } from '../json.ts';
import type { ErrorDetail } from '../outcomes.ts';

/** What a trainer takes under one name, after fal's OpenAPI of 2026-06-11. */
export interface Field {
  type: 'string' | 'integer' | 'number' | 'boolean';
  required?: true;
  nullable?: true;
  default?: Json;
  min?: number;
  max?: number;
  oneOf?: readonly string[];
}

export type Fields = Readonly<Record<string, Field>>;

/**
 * Checks an input as the runner's model does and gives the values with defaults filled in, and all errors found. Extra
 * properties are ignored (fal contract §4).
 */
export function readInput(fields: Fields, input: JsonObject): { values: JsonObject; errors: ErrorDetail[] } {
  const values: Record<string, Json> = {};
  const errors: ErrorDetail[] = [];
  for (const [name, field] of Object.entries(fields)) {
    const given = input[name];
    if (given === undefined) {
      if (field.required)
        errors.push({ loc: ['body', name], msg: 'Field required', type: 'missing', input: { ...input } });
      values[name] = field.default ?? null;
      continue;
    }
    values[name] = given;
    const error = faultOf(field, given);
    if (error) errors.push({ loc: ['body', name], input: given, ...error });
  }
  return { values, errors };
}

type Finding = Pick<ErrorDetail, 'msg' | 'type' | 'ctx'>;

function faultOf(field: Field, given: Json): Finding | null {
  if (given === null) return field.nullable ? null : typeFault(field);
  switch (field.type) {
    case 'string':
      if (typeof given !== 'string') return typeFault(field);
      return field.oneOf && !field.oneOf.includes(given) ? choiceFault(field.oneOf) : null;
    case 'boolean':
      return typeof given === 'boolean' ? null : typeFault(field);
    default:
      if (typeof given !== 'number') return typeFault(field);
      if (field.type === 'integer' && !Number.isInteger(given)) {
        return { msg: 'Input should be a valid integer, got a number with a fractional part', type: 'int_from_float' };
      }
      return rangeFault(field, given);
  }
}

function typeFault(field: Field): Finding {
  const names = { string: 'string', integer: 'int', number: 'float', boolean: 'bool' };
  const words = { string: 'string', integer: 'integer', number: 'number', boolean: 'boolean' };
  return { msg: `Input should be a valid ${words[field.type]}`, type: `${names[field.type]}_type` };
}

function choiceFault(permitted: readonly string[]): Finding {
  const msg = `Input should be ${permitted.map((name) => `'${name}'`).join(' or ')}`;
  return { msg, type: 'one_of', ctx: { expected: [...permitted] } };
}

function rangeFault({ min, max }: Field, given: number): Finding | null {
  if (min !== undefined && given < min) {
    return { msg: `Input should be greater than or equal to ${min}`, type: 'greater_than_equal', ctx: { ge: min } };
  }
  if (max !== undefined && given > max) {
    return { msg: `Input should be less than or equal to ${max}`, type: 'less_than_equal', ctx: { le: max } };
  }
  return null;
}

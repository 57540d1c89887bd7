import { isRecord, type Json, type JsonObject } from './json.ts';
import type { ErrorDetail } from './outcomes.ts';

interface Scalar {
  type: 'string' | 'integer' | 'number' | 'boolean';
  required?: true;
  nullable?: true;
  default?: Json;
  min?: number;
  max?: number;
  /** Exclusive minimum. */
  above?: number;
  oneOf?: readonly string[];
}

/** An object, or one of some names, as in `Union[ImageSize, Literal['square', …]]`. */
interface ObjectOrName {
  type: 'object-or-name';
  /** The class in the location of pydantic's errors. */
  model: string;
  fields: Fields;
  names: readonly string[];
  required?: true;
  default: Json;
}

interface ListOfObjects {
  type: 'list';
  fields: Fields;
  required?: true;
  default: Json;
}

/** A field of an input, after fal's OpenAPI of 2026-06-11. */
export type Field = Scalar | ObjectOrName | ListOfObjects;

export type Fields = Readonly<Record<string, Field>>;

export interface ReadInput {
  /** Given values and defaults; valid only without errors. */
  values: JsonObject;
  errors: ErrorDetail[];
  /** Unknown members, which the model ignores, such as `aspect_ratio` or `loras.0.weight`. */
  ignored: string[];
}

/** Validates an input as the runner's model does, filling in defaults. Extra members are ignored (fal contract §4). */
export function readInput(fields: Fields, input: JsonObject): ReadInput {
  const found: Findings = { errors: [], ignored: [] };
  return { values: readObject(fields, input, ['body'], found), ...found };
}

type Place = ErrorDetail['loc'];
type Findings = Omit<ReadInput, 'values'>;

function readObject(fields: Fields, input: JsonObject, place: Place, found: Findings): JsonObject {
  const values: Record<string, Json> = {};
  for (const name of Object.keys(input)) {
    if (!Object.hasOwn(fields, name)) found.ignored.push([...place.slice(1), name].join('.'));
  }
  for (const [name, field] of Object.entries(fields)) {
    const given = input[name];
    const at = [...place, name];
    if (given !== undefined) {
      values[name] = readField(field, given, at, found);
      continue;
    }
    if (field.required) found.errors.push({ loc: at, msg: 'Field required', type: 'missing', input: { ...input } });
    values[name] = field.default ?? null;
  }
  return values;
}

function readField(field: Field, given: Json, place: Place, found: Findings): Json {
  if (field.type === 'list') return readList(field, given, place, found);
  if (field.type === 'object-or-name') return readObjectOrName(field, given, place, found);
  const error = faultOf(field, given);
  if (error) found.errors.push({ loc: place, input: given, ...error });
  return given;
}

function readList(field: ListOfObjects, given: Json, place: Place, found: Findings): Json {
  if (!Array.isArray(given)) {
    found.errors.push({ loc: place, input: given, msg: 'Input should be a valid list', type: 'list_type' });
    return given;
  }
  return given.map((item: Json, index) => {
    if (isObject(item)) return readObject(field.fields, item, [...place, index], found);
    found.errors.push({ loc: [...place, index], input: item, ...noObject });
    return item;
  });
}

/** Pydantic reports the errors of every member of a union, at a place that names the member. */
function readObjectOrName(field: ObjectOrName, given: Json, place: Place, found: Findings): Json {
  if (typeof given === 'string' && field.names.includes(given)) return given;
  const inside: Findings = { errors: [], ignored: [] };
  const object = [...place, field.model];
  const values = isObject(given) ? readObject(field.fields, given, object, inside) : given;
  if (!isObject(given)) inside.errors.push({ loc: object, input: given, ...noObject });
  if (inside.errors.length > 0) {
    const literal = `literal[${field.names.map((name) => `'${name}'`).join(',')}]`;
    found.errors.push(...inside.errors, { loc: [...place, literal], input: given, ...choiceFault(field.names) });
  }
  found.ignored.push(...inside.ignored.map((path) => path.replace(`.${field.model}.`, '.')));
  return values;
}

// `Json` does not distinguish objects from lists.
const isObject = (value: Json): value is JsonObject => isRecord(value);

type Finding = Pick<ErrorDetail, 'msg' | 'type' | 'ctx'>;

const noObject: Finding = {
  msg: 'Input should be a valid dictionary or object to extract fields from',
  type: 'model_attributes_type',
};

function faultOf(field: Scalar, given: Json): Finding | null {
  if (given === null) return field.nullable ? null : typeFault(field);
  switch (field.type) {
    case 'string':
      if (typeof given !== 'string') return typeFault(field);
      return field.oneOf && !field.oneOf.includes(given) ? choiceFault(field.oneOf) : null;
    case 'boolean':
      return typeof given === 'boolean' ? null : typeFault(field);
    default:
      if (typeof given !== 'number' && typeof given !== 'bigint') return typeFault(field);
      if (field.type === 'integer' && typeof given === 'number' && !Number.isInteger(given)) {
        return { msg: 'Input should be a valid integer, got a number with a fractional part', type: 'int_from_float' };
      }
      return rangeFault(field, given);
  }
}

function typeFault(field: Scalar): Finding {
  const names = { string: 'string', integer: 'int', number: 'float', boolean: 'bool' };
  const words = { string: 'string', integer: 'integer', number: 'number', boolean: 'boolean' };
  return { msg: `Input should be a valid ${words[field.type]}`, type: `${names[field.type]}_type` };
}

function choiceFault(permitted: readonly string[]): Finding {
  const names = permitted.map((name) => `'${name}'`);
  const msg = `Input should be ${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
  return { msg, type: 'one_of', ctx: { expected: [...permitted] } };
}

function rangeFault({ min, max, above }: Scalar, given: number | bigint): Finding | null {
  if (above !== undefined && given <= above) {
    return { msg: `Input should be greater than ${above}`, type: 'greater_than', ctx: { gt: above } };
  }
  if (min !== undefined && given < min) {
    return { msg: `Input should be greater than or equal to ${min}`, type: 'greater_than_equal', ctx: { ge: min } };
  }
  if (max !== undefined && given > max) {
    return { msg: `Input should be less than or equal to ${max}`, type: 'less_than_equal', ctx: { le: max } };
  }
  return null;
}

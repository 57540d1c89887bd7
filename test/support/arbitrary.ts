import fc from 'fast-check';

type Schema = {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  format?: string;
};

const printable = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).map((text) => `a${text}`);
const times = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());

/** Values that are in no schema's mind. */
export const odd: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    '',
    ' ',
    '\u0000',
    '\ud800',
    '0',
    -1,
    0.5,
    1e308,
    2 ** 53,
    [],
    {},
    [[]],
    '😀'.repeat(300),
  ),
  fc.string({ maxLength: 40 }),
  fc.json().map((text): unknown => JSON.parse(text)),
);

/**
 * @param schema a schema of the description
 * @param id gives ids, of what is there and of what never was
 * @returns values that should pass it; it knows the keywords that the API uses
 */
export function valuesOf(schema: Schema, id: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map((choice) => valuesOf(choice, id)));
  const types = [schema.type ?? 'string'].flat();
  return fc.oneof(...types.map((type) => valuesOfType(type, schema, id)));
}

function valuesOfType(type: string, schema: Schema, id: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: schema.minimum ?? 0, max: schema.maximum ?? 1_000_000 });
    case 'number':
      return fc.double({ min: schema.minimum ?? 0, max: schema.maximum ?? 1000, noNaN: true });
    case 'array':
      return fc.array(valuesOf(schema.items ?? {}, id), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 3, 3),
      });
    case 'object':
      return objectsOf(schema, id);
    default:
      return textsOf(schema, id);
  }
}

function objectsOf({ properties = {}, required = [] }: Schema, id: fc.Arbitrary<string>): fc.Arbitrary<object> {
  const members = Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, valuesOf(one, id)]));
  return fc.record(members, { requiredKeys: required });
}

function textsOf({ format, maxLength = 20, minLength = 0 }: Schema, id: fc.Arbitrary<string>): fc.Arbitrary<string> {
  if (format === 'uuid') return id;
  if (format === 'date-time') return times;
  return printable.map((text) => Array.from(text.padEnd(minLength, 'a')).slice(0, maxLength).join(''));
}

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

/** Values that no schema expects. */
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
    'a'.repeat(10_000),
    'urn:uuid:0199a5b2-7c1e-7cc3-9a4b-2f6f1d0c8e55',
    '{0199a5b2-7c1e-7cc3-9a4b-2f6f1d0c8e55}',
    '0199A5B2-7C1E-7CC3-9A4B-2F6F1D0C8E55',
    '2026-12-31T23:59:60Z',
    '9999-12-31T23:59:59-23:59',
    '0000-01-01T00:00:00Z',
    'Infinity',
    '1e400',
    '-0',
    '9007199254740993',
    'Zoe\u0301',
  ),
  fc.string({ maxLength: 40 }),
  fc.json().map((text): unknown => JSON.parse(text)),
);

const half = Buffer.from('{"name":"a\xe9","external_id":"\xe8"}', 'latin1');

/** Bodies that are not JSON, or absurdly large JSON. */
export const unreadable: fc.Arbitrary<string | Uint8Array<ArrayBuffer>> = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Uint8Array.from(bytes)),
  fc.constantFrom(
    Uint8Array.from(half),
    '1e400',
    '{"steps":1e400}',
    '{"name":"\\ud800"}',
    '{"a":1,"a":2}',
    `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
    `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`,
    `[${'0,'.repeat(30_000)}0]`,
    `{"scopes":[${'0,'.repeat(9000)}0]}`,
    JSON.stringify(Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`unknown-${index}`, 0]))),
    JSON.stringify({ name: `${'a'.repeat(60_000)}\u0001` }),
    ' '.repeat(70_000),
  ),
);

/**
 * Values that should pass a schema; supports the keywords that the API uses.
 * @param id generates ids, of existing resources and others
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

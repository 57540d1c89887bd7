import { type Static, type TSchema, Type, type TUnsafe } from 'typebox';
import { problems } from '../../errors.ts';

/** Shared schemas. Objects refuse unknown members, so that a misspelt field is an error. */

export const Uuid = Type.String({ format: 'uuid', examples: ['0199a5b2-7c1e-7cc3-9a4b-2f6f1d0c8e55'] });
export const Timestamp = Type.String({ format: 'date-time', examples: ['2026-11-22T12:00:00.000Z'] });
export const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256, lower-case hex.' });

export function Enum<const T extends readonly string[]>(
  values: T,
  options: Record<string, unknown> = {},
): TUnsafe<T[number]> {
  return Type.Unsafe<T[number]>({ type: 'string', enum: [...values], ...options });
}

/** @returns the schema with null as a further value, written as a second type (OpenAPI 3.1) */
export function Nullable<T extends TSchema>(schema: T): TUnsafe<Static<T> | null> {
  const plain = schema as unknown as { type?: string; enum?: unknown[] };
  if (typeof plain.type !== 'string') return Type.Unsafe<Static<T> | null>({ anyOf: [schema, { type: 'null' }] });
  return Type.Unsafe<Static<T> | null>({
    ...schema,
    type: [plain.type, 'null'],
    ...(plain.enum && { enum: [...plain.enum, null] }),
  });
}

/**
 * @returns an object schema that refuses unknown members. A member with a default is optional in the request and
 * present in the handler.
 */
export function Closed<T extends Record<string, TSchema>>(properties: T, options: Record<string, unknown> = {}) {
  const mayLack = (schema: TSchema) => Type.IsOptional(schema) || 'default' in schema;
  const required = Object.entries(properties).flatMap(([name, schema]) => (mayLack(schema) ? [] : [name]));
  const closed = Type.Object(properties, { additionalProperties: false, ...options });
  Object.assign(closed, { required });
  return closed;
}

/** A {@link Closed} object of a response, named in the API description and in generated clients. */
export function Named<T extends Record<string, TSchema>>(
  name: string,
  properties: T,
  options: Record<string, unknown> = {},
) {
  return Closed(properties, { title: name, ...options });
}

export function mayBeEmpty(body: unknown): boolean {
  const {
    type,
    required = [],
    minProperties = 0,
  } = (body ?? {}) as { type?: string; required?: string[]; minProperties?: number };
  return type === 'object' && required.length === 0 && minProperties === 0;
}

export const IdParams = Closed({ id: Uuid });

export const listLimit = { default: 20, maximum: 100 };
export const ListQuery = {
  limit: Type.Integer({
    minimum: 1,
    maximum: listLimit.maximum,
    default: listLimit.default,
    description: 'Number of items on a page.',
  }),
  cursor: Type.Optional(Type.String({ maxLength: 1000, description: '`next_cursor` of the previous page.' })),
};

export const CountedListQuery = {
  ...ListQuery,
  include: Type.Optional(Enum(['total'], { description: '`total`: say how many items the list has, on all pages.' })),
};

/** @param what the resource, as descriptions name it */
export function PreconditionHeaders(what: string) {
  const description = `An ETag: the request takes effect only on this version of the ${what}, else 412.`;
  return Type.Object({ 'if-match': Type.Optional(Type.String({ description })) });
}

/** Preconditions of a PUT that creates what is not there. @param what the resource, as descriptions name it */
export function CreatingHeaders(what: string) {
  const description = `\`*\`: the request takes effect only where there is no such ${what} yet, else 412.`;
  return Type.Object({
    ...PreconditionHeaders(what).properties,
    'if-none-match': Type.Optional(Type.String({ description })),
  });
}

function pageOf<T extends TSchema>(item: T) {
  return {
    data: Type.Array(item),
    next_cursor: Nullable(Type.String({ description: 'Cursor of the next page; null on the last page.' })),
  };
}

export function Page<T extends TSchema>(item: T) {
  return Closed(pageOf(item));
}

export function CountedPage<T extends TSchema>(item: T, options: Record<string, unknown> = {}) {
  const total = Type.Integer({ description: 'Number of items on all pages; present with `include=total`.' });
  return Closed({ ...pageOf(item), total: Type.Optional(total) }, options);
}

export const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    code: Enum(Object.keys(problems), { description: 'Stable code for programs; later versions may add codes.' }),
    detail: Type.String({ description: 'What is wrong this time and what to do, in words for people.' }),
    request_id: Type.Optional(Type.String()),
    errors: Type.Optional(
      Type.Array(Type.Object({ field: Type.String(), code: Type.String(), detail: Type.String() })),
    ),
  },
  { additionalProperties: true, $id: 'Problem', description: 'A problem document (RFC 9457).' },
);

import type { TSchema } from 'typebox';

const headers = {
  Location: { type: 'string', format: 'uri-reference', description: 'Where the new resource is.' },
  ETag: { type: 'string', description: 'Names this state of the resource; pass it as If-Match to change no other.' },
} as const;

/** A success with words of its own and the headers it bears, for a route's `response`. */
export function success(description: string, schema: TSchema, named: readonly (keyof typeof headers)[] = []): object {
  return {
    description,
    content: { 'application/json': { schema } },
    ...(named.length > 0 && { headers: Object.fromEntries(named.map((name) => [name, { ...headers[name] }])) }),
  };
}

/** A success without a body. */
export const done = { type: 'null', description: 'Done.' } as const;

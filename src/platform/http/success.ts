import type { TSchema } from 'typebox';

const headers = {
  Location: { type: 'string', format: 'uri-reference', description: 'Path of the new resource.' },
  ETag: {
    type: 'string',
    description: 'Version of the resource; pass it as `If-Match` to update or delete only this version.',
  },
} as const;

/** A success response with a description and headers. */
export function success(description: string, schema: TSchema, named: readonly (keyof typeof headers)[] = []): object {
  return {
    description,
    content: { 'application/json': { schema } },
    ...(named.length > 0 && { headers: Object.fromEntries(named.map((name) => [name, { ...headers[name] }])) }),
  };
}

const contentRange = {
  type: 'string',
  description: 'The range of bytes that is sent, and the size of the whole file.',
} as const;

/** The response of a GET with an ETag to a matching If-None-Match. */
export const unmodified = {
  304: { type: 'null', description: 'Not modified: the resource still has the version that `If-None-Match` names.' },
} as const;

export const binary = { schema: { type: 'string', contentMediaType: 'application/octet-stream' } } as const;

/**
 * Responses of a route that serves a file (file-answer.ts).
 * @param content content types with their schemas
 */
export function served(description: string, content: Record<string, object>): Record<number, object> {
  return {
    200: { description, content, headers: { ETag: { ...headers.ETag } } },
    206: {
      description: 'The requested range of bytes.',
      content,
      headers: { 'Content-Range': contentRange },
    },
    ...unmodified,
  };
}

export const done = { type: 'null', description: 'Done.' } as const;

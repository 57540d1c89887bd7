import { Problem } from '../../errors.ts';
import { seal, unseal } from './signer.ts';

export type Asked = { limit: number; cursor?: string | undefined; include?: 'total' | undefined };

export type Page<T> = { data: T[]; next_cursor: string | null; total?: number };

/** The sort key of an item. */
export type Position = readonly (string | number | boolean | null)[];

export type List<T> = {
  /** Name and filters, to which cursors are bound. */
  name: string;
  /** @returns at most `limit` items after a position, or from the beginning */
  read(after: Position | null, limit: number): Promise<T[]>;
  position(item: T): Position;
  /** Counts the items of all pages, for lists with `include=total`. */
  count?(): Promise<number>;
};

/**
 * Reads a page by keyset: items added or deleted between pages neither shift nor repeat others.
 * @throws Problem 400 `invalid-cursor`
 */
export async function readPage<T>(
  { installation: { secret } }: { installation: { secret: Buffer } },
  { limit, cursor, include }: Asked,
  { name, read, position, count }: List<T>,
): Promise<Page<T>> {
  const after = cursor === undefined ? null : decodeCursor(secret, name, cursor);
  // One extra item tells whether another page follows.
  const items = await read(after, limit + 1);
  const data = items.slice(0, limit);
  const last = data.at(-1);
  return {
    data,
    next_cursor: items.length > limit && last ? encodeCursor(secret, name, position(last)) : null,
    ...(include && count && { total: await count() }),
  };
}

/**
 * @param secret of the installation
 * @param list name and filters, to which the cursor is bound
 * @param values position of the last item of the page
 */
export function encodeCursor(secret: Buffer, list: string, values: Position): string {
  return seal(secret, 'cursor', Buffer.from(JSON.stringify(values)), `${list}\n`);
}

/**
 * @returns the values given to {@link encodeCursor}
 * @throws Problem 400 `invalid-cursor` for a cursor of another list or other filters
 */
export function decodeCursor(secret: Buffer, list: string, cursor: string): Position {
  const body = unseal(secret, 'cursor', cursor, `${list}\n`);
  if (body) return JSON.parse(body.toString());
  throw new Problem(
    'invalid-cursor',
    'The cursor was not issued by this list with these filters: begin again without one.',
    {
      errors: [
        { field: '/cursor', code: 'invalid-cursor', detail: 'Pass `next_cursor` as it was, with the same filters.' },
      ],
    },
  );
}

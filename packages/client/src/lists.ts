import type { MaybeOptionalInit } from 'openapi-fetch';
import type { paths } from './api.ts';
import type { DataOf, PathsWith } from './calls.ts';
import type { Client } from './client.ts';

/** Paths of paginated lists. */
export type ListPath = {
  [Path in PathsWith<'get'>]: DataOf<Path, 'get'> extends { next_cursor: string | null } ? Path : never;
}[PathsWith<'get'>];
type ItemOf<Path extends ListPath> = DataOf<Path, 'get'> extends { data: (infer Item)[] } ? Item : never;
type Page<Item> = { data: Item[]; next_cursor: string | null };

/**
 * Iterates over a list page by page; items added meanwhile neither shift nor repeat others.
 * @param init as for GET: `params.path`, and `params.query` with filters and the page size (`limit`)
 */
export async function* eachItem<Path extends ListPath>(
  client: Client,
  path: Path,
  init?: MaybeOptionalInit<paths[Path], 'get'>,
): AsyncGenerator<ItemOf<Path>> {
  const { params = {}, ...rest }: { params?: { query?: object } } = init ?? {};
  let cursor: string | null = null;
  do {
    const query = { ...params.query, ...(cursor !== null && { cursor }) };
    // ListPath guarantees the form, which the compiler cannot infer for a generic path.
    const get = client.GET as unknown as (path: string, init: object) => Promise<{ data: Page<ItemOf<Path>> }>;
    const { data: page } = await get(path, { ...rest, params: { ...params, query } });
    yield* page.data;
    cursor = page.next_cursor;
  } while (cursor !== null);
}

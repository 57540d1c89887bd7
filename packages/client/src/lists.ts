import type { MaybeOptionalInit } from 'openapi-fetch';
import type { paths } from './api.ts';
import type { DataOf, PathsWith } from './calls.ts';
import type { Client } from './client.ts';

/** The paths of lists that are read by pages. */
export type ListPath = {
  [Path in PathsWith<'get'>]: DataOf<Path, 'get'> extends { next_cursor: string | null } ? Path : never;
}[PathsWith<'get'>];
type ItemOf<Path extends ListPath> = DataOf<Path, 'get'> extends { data: (infer Item)[] } ? Item : never;
type Page<Item> = { data: Item[]; next_cursor: string | null };

/**
 * Goes through a list to its end, page by page. What is added meanwhile neither shifts nor repeats an item.
 * @param init as for GET: `params.path`, and `params.query` with filters and the size of a page (`limit`)
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
    // Every list answers so (ListPath), which the compiler can't tell of a path that it doesn't know yet.
    const get = client.GET as unknown as (path: string, init: object) => Promise<{ data: Page<ItemOf<Path>> }>;
    const { data: page } = await get(path, { ...rest, params: { ...params, query } });
    yield* page.data;
    cursor = page.next_cursor;
  } while (cursor !== null);
}

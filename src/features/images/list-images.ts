import type { Context } from '../../context.ts';
import type { Reach } from '../../platform/http/caller.ts';
import { type Asked, type Page, readPage } from '../../platform/http/page.ts';
import { countImages, type Image, type ImageFilter, listNewestImages } from './store.ts';

/** Lists images, newest first. @throws Problem 400 `invalid-cursor` */
export async function listImages(
  context: Pick<Context, 'db' | 'installation'>,
  filters: ImageFilter,
  asked: Asked,
  reach: Reach = {},
): Promise<Page<Image>> {
  if (reach.userId !== undefined && filters.userId !== undefined && filters.userId !== reach.userId) {
    return { data: [], next_cursor: null, ...(asked.include && { total: 0 }) };
  }
  const { db } = context;
  const filter = { ...filters, userId: reach.userId ?? filters.userId };
  const page = await readPage(context, asked, {
    name: `images ${JSON.stringify(filter)}`,
    read: (after, limit) =>
      listNewestImages(db, filter, {
        after: after && { createdAt: String(after[0]), id: String(after[1]) },
        limit,
      }),
    position: ({ position, image }) => [position, image.id],
    count: () => countImages(db, filter),
  });
  return { ...page, data: page.data.map(({ image }) => image) };
}

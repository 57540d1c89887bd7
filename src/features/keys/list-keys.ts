import type { Context } from '../../context.ts';
import { type Asked, type Page, readPage } from '../../platform/http/page.ts';
import { countKeys, findKeys, type ShownKey } from './store.ts';

/** Lists keys, newest first, with revoked and expired ones. @throws Problem 400 `invalid-cursor` */
export async function listKeys(context: Pick<Context, 'db' | 'installation'>, asked: Asked): Promise<Page<ShownKey>> {
  const { db } = context;
  const page = await readPage(context, asked, {
    name: 'keys',
    read: (after, limit) =>
      findKeys(db, { after: after && { createdAt: String(after[0]), id: String(after[1]) }, limit }),
    position: ({ position, key }) => [position, key.id],
    count: () => countKeys(db),
  });
  return { ...page, data: page.data.map(({ key }) => key) };
}

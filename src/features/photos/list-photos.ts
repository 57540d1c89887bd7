import { findAvatar } from '../avatars/store.ts';
import type { Context } from '../../context.ts';
import { notFound } from '../../errors.ts';
import type { Reach } from '../../platform/http/caller.ts';
import { type Asked, type Page, readPage } from '../../platform/http/page.ts';
import { countPhotos, listPhotos as listRows, type Photo } from './store.ts';

/** Lists the photos of an avatar in order of upload. @throws Problem 404; 400 `invalid-cursor` */
export async function listPhotos(
  context: Pick<Context, 'db' | 'installation'>,
  avatarId: string,
  asked: Asked,
  reach: Reach = {},
): Promise<Page<Photo>> {
  const { db } = context;
  if (!(await findAvatar(db, avatarId, reach))) notFound('avatar');
  return readPage(context, asked, {
    name: `photos ${avatarId}`,
    read: (after, limit) =>
      listRows(db, avatarId, { after: after && { uploadOrder: Number(after[0]), id: String(after[1]) }, limit }, reach),
    position: ({ upload_order, id }) => [upload_order, id],
    count: () => countPhotos(db, avatarId, reach),
  });
}

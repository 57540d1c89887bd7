import { findAvatar } from '../avatars/store.ts';
import type { Context } from '../../context.ts';
import { notFound } from '../../errors.ts';
import type { Reach } from '../../platform/http/caller.ts';
import { decodeCursor, encodeCursor } from '../../platform/http/cursor.ts';
import { countPhotos, listPhotos as listRows, type Photo } from './store.ts';

/** Lists the photos of an avatar in order of upload. @throws Problem 404; 400 `invalid-cursor` */
export async function listPhotos(
  { db, installation }: Pick<Context, 'db' | 'installation'>,
  avatarId: string,
  { limit, cursor, include }: { limit: number; cursor?: string | undefined; include?: 'total' | undefined },
  reach: Reach = {},
): Promise<{ data: Photo[]; next_cursor: string | null; total?: number }> {
  if (!(await findAvatar(db, avatarId, reach))) notFound('avatar');
  const list = `photos ${avatarId}`;
  const [uploadOrder, id] = cursor === undefined ? [] : decodeCursor(installation.secret, list, cursor);
  const after = uploadOrder === undefined ? null : { uploadOrder: Number(uploadOrder), id: String(id) };
  const rows = await listRows(db, avatarId, { after, limit: limit + 1 }, reach);
  const data = rows.slice(0, limit);
  const last = data.at(-1);
  const more = rows.length > limit && last;
  return {
    data,
    next_cursor: more ? encodeCursor(installation.secret, list, [last.upload_order, last.id]) : null,
    ...(include && { total: await countPhotos(db, avatarId, reach) }),
  };
}

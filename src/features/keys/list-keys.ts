import type { Context } from '../../context.ts';
import { decodeCursor, encodeCursor } from '../../platform/http/cursor.ts';
import { findKeys, type ShownKey } from './store.ts';

const list = 'keys';

/** Lists keys, newest first, with revoked and expired ones. @throws Problem 400 `invalid-cursor` */
export async function listKeys(
  { db, installation }: Pick<Context, 'db' | 'installation'>,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ data: ShownKey[]; next_cursor: string | null }> {
  const [createdAt, id] = cursor === undefined ? [] : decodeCursor(installation.secret, list, cursor);
  const after = createdAt === undefined ? null : { createdAt: String(createdAt), id: String(id) };
  const rows = await findKeys(db, { after, limit: limit + 1 });
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    data: rows.slice(0, limit).map(({ key }) => key),
    next_cursor: last ? encodeCursor(installation.secret, list, [last.position, last.key.id]) : null,
  };
}

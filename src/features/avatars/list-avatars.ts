import type { Context } from '../../context.ts';
import type { Reach } from '../../platform/http/caller.ts';
import { decodeCursor, encodeCursor } from '../../platform/http/cursor.ts';
import {
  type AvatarFilter,
  type AvatarSummary,
  countAvatars,
  findMainAvatar,
  listNewest,
  type Position,
} from './store.ts';

type Page = { data: AvatarSummary[]; next_cursor: string | null; total?: number };
/** The state of a cursor: the main avatar of the first page, and the position of the next. */
type Mark = { main: string | null; after: Position | null };

/**
 * Lists avatars, newest first; of one user, the main avatar comes first. The cursor remembers which one that was, so
 * that a change between two pages neither repeats nor skips an avatar.
 * @param include `total` counts all that pass the filter
 * @throws Problem 400 `invalid-cursor`
 */
export async function listAvatars(
  { db, installation }: Pick<Context, 'db' | 'installation'>,
  asked: AvatarFilter,
  { limit, cursor, include }: { limit: number; cursor?: string | undefined; include?: 'total' | undefined },
  reach: Reach = {},
): Promise<Page> {
  if (reach.userId !== undefined && asked.userId !== undefined && asked.userId !== reach.userId) {
    return { data: [], next_cursor: null, ...(include && { total: 0 }) };
  }
  const filter = { ...asked, userId: reach.userId ?? asked.userId };
  const list = `avatars ${JSON.stringify(filter)}`;
  const mark = cursor === undefined ? null : readMark(decodeCursor(installation.secret, list, cursor));
  const { userId } = filter;
  const main = mark === null && userId !== undefined ? await findMainAvatar(db, { ...filter, userId }) : undefined;
  const shown = mark?.main ?? main?.id ?? null;
  const room = main ? limit - 1 : limit;
  // One extra row tells whether another page follows.
  const rest = await listNewest(db, filter, { after: mark?.after ?? null, except: shown, limit: room + 1 });
  const page = rest.slice(0, room);
  const last = page.at(-1);
  const next: Mark = {
    main: shown,
    after: last ? { createdAt: last.position, id: last.avatar.id } : (mark?.after ?? null),
  };
  return {
    data: [...(main ? [main] : []), ...page.map(({ avatar }) => avatar)],
    next_cursor: rest.length > room ? encodeCursor(installation.secret, list, writeMark(next)) : null,
    ...(include && { total: await countAvatars(db, filter) }),
  };
}

function writeMark({ main, after }: Mark): (string | null)[] {
  return [main, after?.createdAt ?? null, after?.id ?? null];
}

// The cursor is signed, so its values come from writeMark.
function readMark(values: (string | number | boolean | null)[]): Mark {
  const [main, createdAt, id] = values.map((value) => (value === null ? null : String(value)));
  return { main: main ?? null, after: createdAt && id ? { createdAt, id } : null };
}

import type { Context } from '../../context.ts';
import type { Db } from '../../platform/db/client.ts';
import type { Reach } from '../../platform/http/caller.ts';
import { type Asked, type Page, type Position, readPage } from '../../platform/http/page.ts';
import {
  type AvatarFilter,
  type AvatarPosition,
  type AvatarSummary,
  countAvatars,
  findMainAvatar,
  listNewest,
} from './store.ts';

type Mark = { main: string | null; after: AvatarPosition | null };
type Listed = { avatar: AvatarSummary; mark: Mark };

/**
 * Lists avatars, newest first; of one user, the main avatar comes first. The cursor remembers which one that was, so
 * that a change between two pages neither repeats nor skips an avatar.
 * @param include `total` counts all that pass the filter
 * @throws Problem 400 `invalid-cursor`
 */
export async function listAvatars(
  context: Pick<Context, 'db' | 'installation'>,
  filters: AvatarFilter,
  asked: Asked,
  reach: Reach = {},
): Promise<Page<AvatarSummary>> {
  if (reach.userId !== undefined && filters.userId !== undefined && filters.userId !== reach.userId) {
    return { data: [], next_cursor: null, ...(asked.include && { total: 0 }) };
  }
  const { db } = context;
  const filter = { ...filters, userId: reach.userId ?? filters.userId };
  const page = await readPage(context, asked, {
    name: `avatars ${JSON.stringify(filter)}`,
    read: (after, limit) => readFrom(db, filter, after && readMark(after), limit),
    position: ({ mark }) => writeMark(mark),
    count: () => countAvatars(db, filter),
  });
  return { ...page, data: page.data.map(({ avatar }) => avatar) };
}

async function readFrom(db: Db, filter: AvatarFilter, from: Mark | null, limit: number): Promise<Listed[]> {
  const { userId } = filter;
  const first = from === null && userId !== undefined ? await findMainAvatar(db, { ...filter, userId }) : undefined;
  const main = from?.main ?? first?.id ?? null;
  const after = from?.after ?? null;
  const rest = await listNewest(db, filter, { after, except: main, limit: first ? limit - 1 : limit });
  return [
    ...(first ? [{ avatar: first, mark: { main, after } }] : []),
    ...rest.map(({ avatar, position }) => ({ avatar, mark: { main, after: { createdAt: position, id: avatar.id } } })),
  ];
}

function writeMark({ main, after }: Mark): (string | null)[] {
  return [main, after?.createdAt ?? null, after?.id ?? null];
}

// The cursor is signed, so its values come from writeMark.
function readMark(values: Position): Mark {
  const [main, createdAt, id] = values.map((value) => (value === null ? null : String(value)));
  return { main: main ?? null, after: createdAt && id ? { createdAt, id } : null };
}

import type { Static } from 'typebox';
import type { Context } from '../../context.ts';
import type { Db } from '../../platform/db/client.ts';
import { notFound } from '../../errors.ts';
import { transact } from '../../platform/db/transact.ts';
import { publish } from '../events/publish.ts';
import type { Origin } from '../../platform/http/caller.ts';
import { checkIfMatch, etagOf } from '../../platform/http/etag.ts';
import type { AvatarPatch } from './schemas.ts';
import { type Avatar, type AvatarDetail, findAvatarDetail, lockAvatar, updateAvatar } from './store.ts';
import { avatarView } from './view.ts';

type Conditional = Origin & { ifMatch?: string | undefined };

/** Updates an avatar by merge patch (RFC 7396). @throws Problem 404; 412 `precondition-failed` */
export async function patchAvatar(
  context: Pick<Context, 'db' | 'wakeups' | 'installation'>,
  id: string,
  patch: Static<typeof AvatarPatch>,
  { requestId, ifMatch, ...reach }: Conditional = {},
): Promise<AvatarDetail> {
  return transact(context, async (tx) => {
    const before = (await lockAvatar(tx, id, reach)) ?? notFound('avatar');
    await checkState(tx, context, id, ifMatch);
    const changes = changesOf(before, patch);
    const changed = Object.keys(changes);
    if (changed.length > 0) {
      await updateAvatar(tx, id, changes);
      await publish(tx, {
        type: 'avatar.updated',
        user_id: before.user_id,
        avatar_id: id,
        data: { changed },
        request_id: requestId ?? null,
      });
    }
    return (await findAvatarDetail(tx, id)) ?? notFound('avatar');
  });
}

/** The avatar must be locked. @throws Problem 412 unless its entity tag matches `ifMatch` */
export async function checkState(
  tx: Db,
  context: Pick<Context, 'installation'>,
  id: string,
  ifMatch: string | undefined,
): Promise<void> {
  if (ifMatch === undefined) return;
  const avatar = (await findAvatarDetail(tx, id)) ?? notFound('avatar');
  checkIfMatch(ifMatch, etagOf(avatarView(context, avatar)));
}

function changesOf(before: Avatar, { name, trigger_word, ...rest }: Static<typeof AvatarPatch>): Partial<Avatar> {
  const given = { ...rest, name: name?.trim(), trigger_word: trigger_word?.trim() };
  return Object.fromEntries(
    Object.entries(given).filter(([member, value]) => value !== undefined && value !== before[member as keyof Avatar]),
  );
}

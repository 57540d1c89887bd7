import type { Static } from 'typebox';
import { v7 as uuidv7 } from 'uuid';
import type { Context } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { eventRow, eventsTopic } from '../events/publish.ts';
import type { Reach } from '../../platform/http/caller.ts';
import { refuseBeyondAvatars } from '../users/quota.ts';
import { lockOwner } from '../users/store.ts';
import type { AvatarRequest } from './schemas.ts';
import { insertDraft, newDraft } from './insert-draft.ts';
import type { AvatarDetail } from './store.ts';

/**
 * Makes an avatar without photos.
 * @throws Problem 404 when there is no such user; 409 `quota-exceeded` when they have as many as one may have
 */
export async function createAvatar(
  { config, db, wakeups }: Pick<Context, 'config' | 'db' | 'wakeups'>,
  asked: Static<typeof AvatarRequest>,
  { requestId, ...reach }: Reach & { requestId?: string } = {},
): Promise<AvatarDetail> {
  const avatar = newAvatar(asked);
  const event = eventRow({
    type: 'avatar.created',
    user_id: avatar.user_id,
    avatar_id: avatar.id,
    data: { status: newDraft.status, training_type: avatar.training_type },
    request_id: requestId ?? null,
  });
  const bounds = { ...reach, maximum: config.limits.avatarsPerUser };
  // The lock is for those who come at the same time, and the questions for those who are told why not.
  if (!(await insertDraft(db, avatar, event, bounds))) {
    await db.transaction(async (tx) => {
      if (!(await lockOwner(tx, asked.user_id, reach))) notFound('user');
      await refuseBeyondAvatars(tx, config, asked.user_id);
      if (!(await insertDraft(tx, avatar, event, bounds))) throw new Error(`no avatar was added for ${asked.user_id}`);
    });
  }
  wakeups.wake(eventsTopic);
  const { photo_key: _photoKey, preview_key: _previewKey, ...shown } = newDraft;
  return { ...shown, ...avatar, latest_training_id: null, artifact_verified: false, is_main: false };
}

/** The columns that differ from one new avatar to another. */
function newAvatar(asked: Static<typeof AvatarRequest>) {
  const now = new Date();
  return {
    id: uuidv7(),
    user_id: asked.user_id,
    name: asked.name.trim(),
    gender: asked.gender,
    avatar_type: asked.avatar_type ?? 'character',
    trigger_word: asked.trigger_word?.trim() ?? 'TOK',
    created_at: now,
    updated_at: now,
    training_type: asked.training_type,
  };
}

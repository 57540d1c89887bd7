import type { Static } from 'typebox';
import { v7 as uuidv7 } from 'uuid';
import type { Context } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { avatars } from '../../platform/db/schema.ts';
import { transact } from '../../platform/db/transact.ts';
import type { Origin } from '../../platform/http/caller.ts';
import { publish } from '../events/publish.ts';
import { refuseBeyondAvatars } from '../users/quota.ts';
import { lockOwner } from '../users/store.ts';
import type { AvatarRequest } from './schemas.ts';
import type { Avatar, AvatarDetail } from './store.ts';

/** Every column is given, since the columns of an adopted database have no defaults. Trainings set what is null. */
const newDraft = {
  status: 'draft',
  finetune_id: null,
  training_progress: 0,
  training_started_at: null,
  training_completed_at: null,
  fal_mode: 'character',
  fal_iterations: 500,
  fal_priority: 'normal',
  lora_rank: 32,
  avatar_data: {},
  training_config: {},
  photos_count: 0,
  generations_count: 0,
  is_draft: true,
  photo_key: null,
  preview_key: null,
  fal_request_id: null,
  learning_rate: null,
  trigger_phrase: null,
  steps: null,
  multiresolution_training: null,
  subject_crop: null,
  create_masks: null,
  captioning: null,
  finetune_type: null,
  finetune_comment: null,
  diffusers_lora_file_url: null,
  config_file_url: null,
  training_logs: null,
  training_error: null,
  webhook_url: null,
  last_status_check: null,
  fal_response_data: null,
} as const satisfies Partial<Avatar>;

/** Creates an avatar without photos. @throws Problem 404 for an unknown user; 409 `quota-exceeded` */
export async function createAvatar(
  context: Pick<Context, 'config' | 'db' | 'wakeups'>,
  asked: Static<typeof AvatarRequest>,
  { requestId, ...reach }: Origin = {},
): Promise<AvatarDetail> {
  const avatar = newAvatar(asked);
  await transact(context, async (tx) => {
    if (!(await lockOwner(tx, avatar.user_id, reach))) notFound('user');
    await refuseBeyondAvatars(tx, context.config, avatar.user_id);
    await tx.insert(avatars).values(avatar);
    await publish(tx, {
      type: 'avatar.created',
      user_id: avatar.user_id,
      avatar_id: avatar.id,
      data: { status: avatar.status, training_type: avatar.training_type },
      request_id: requestId ?? null,
    });
  });
  const { photo_key: _photoKey, preview_key: _previewKey, ...shown } = avatar;
  return { ...shown, latest_training_id: null, artifact_verified: false, is_main: false, has_preview: false };
}

function newAvatar(asked: Static<typeof AvatarRequest>) {
  const now = new Date();
  return {
    ...newDraft,
    id: uuidv7(),
    user_id: asked.user_id,
    name: asked.name.trim(),
    gender: asked.gender,
    avatar_type: asked.avatar_type ?? 'character',
    trigger_word: asked.trigger_word?.trim() ?? 'TOK',
    created_at: now,
    updated_at: now,
    training_type: asked.training_type,
  } as const satisfies Avatar;
}

import type { FastifyReply } from 'fastify';
import type { Static } from 'typebox';
import type { Context } from '../../context.ts';
import { etagOf } from '../../platform/http/etag.ts';
import { iso } from '../../platform/http/iso.ts';
import type { AvatarSchema, AvatarSummarySchema } from './schemas.ts';
import type { AvatarDetail, AvatarSummary } from './store.ts';

type Needs = Pick<Context, 'installation'>;

/** Members are named one by one: their order is part of the entity tag, and no column becomes public by accident. */
export function avatarSummaryView({ installation }: Needs, avatar: AvatarSummary): Static<typeof AvatarSummarySchema> {
  return {
    id: avatar.id,
    user_id: avatar.user_id,
    name: avatar.name,
    gender: avatar.gender,
    avatar_type: avatar.avatar_type,
    status: avatar.status,
    finetune_id: avatar.finetune_id,
    training_progress: avatar.training_progress,
    training_started_at: iso(avatar.training_started_at),
    training_completed_at: iso(avatar.training_completed_at),
    fal_mode: avatar.fal_mode,
    fal_iterations: avatar.fal_iterations,
    fal_priority: avatar.fal_priority,
    trigger_word: avatar.trigger_word,
    lora_rank: avatar.lora_rank,
    avatar_data: avatar.avatar_data,
    training_config: avatar.training_config,
    photos_count: avatar.photos_count,
    generations_count: avatar.generations_count,
    created_at: iso(avatar.created_at),
    updated_at: iso(avatar.updated_at),
    is_draft: avatar.is_draft,
    training_type: avatar.training_type,
    fal_request_id: avatar.fal_request_id,
    learning_rate: avatar.learning_rate,
    trigger_phrase: avatar.trigger_phrase,
    steps: avatar.steps,
    multiresolution_training: avatar.multiresolution_training,
    subject_crop: avatar.subject_crop,
    create_masks: avatar.create_masks,
    captioning: avatar.captioning,
    finetune_type: avatar.finetune_type,
    finetune_comment: avatar.finetune_comment,
    diffusers_lora_file_url: avatar.diffusers_lora_file_url,
    config_file_url: avatar.config_file_url,
    training_error: avatar.training_error,
    webhook_url: avatar.webhook_url,
    last_status_check: iso(avatar.last_status_check),
    artifact_verified: avatar.artifact_verified,
    sandbox: installation.falMode === 'sandbox',
    latest_training_id: avatar.latest_training_id,
    is_main: avatar.is_main,
    has_preview: avatar.has_preview,
  };
}

export function avatarView(needs: Needs, avatar: AvatarDetail): Static<typeof AvatarSchema> {
  const { training_logs, fal_response_data } = avatar;
  return { ...avatarSummaryView(needs, avatar), training_logs, fal_response_data };
}

/** Sets the entity tag of the avatar on the reply. @returns its view */
export function tagged(needs: Needs, reply: FastifyReply, avatar: AvatarDetail): Static<typeof AvatarSchema> {
  const view = avatarView(needs, avatar);
  reply.header('etag', etagOf(view));
  return view;
}

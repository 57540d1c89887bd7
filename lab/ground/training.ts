import type { avatars, trainings } from '../../src/platform/db/schema.ts';
import { firstColumns } from '../../src/fal-jobs/create.ts';
import { nothingYet } from '../../src/features/trainings/start.ts';
import { errorOf } from '../../src/features/trainings/failures.ts';

export type Training = typeof trainings.$inferSelect;
export type Avatar = typeof avatars.$inferSelect;

const then = new Date('2026-01-02T03:04:05Z');

/** A training as start.ts inserts one, without a database. */
export function aTraining(changes: Partial<Training> = {}): Training {
  return {
    ...firstColumns(then, 0),
    ...nothingYet,
    id: '01890000-0000-7000-8000-000000000001',
    avatar_id: '01890000-0000-7000-8000-00000000000a',
    user_id: '01890000-0000-7000-8000-00000000000b',
    attempt: 1,
    retry_of: null,
    training_type: 'portrait',
    trainer: 'portrait',
    endpoint: 'fal-ai/flux-lora-portrait-trainer',
    fal_priority: 'normal',
    settings: { steps: 100, learning_rate: 0.0001, trigger_phrase: 'TOK' },
    photo_manifest: [],
    sandbox: true,
    estimated_cost_usd: 0.24,
    traceparent: null,
    ...changes,
  };
}

/** An avatar that is ready to be trained, without a database. */
export function anAvatar(changes: Partial<Avatar> = {}): Avatar {
  return {
    id: '01890000-0000-7000-8000-00000000000a',
    user_id: '01890000-0000-7000-8000-00000000000b',
    name: 'Ada',
    gender: 'female',
    avatar_type: 'character',
    status: 'ready',
    finetune_id: null,
    training_progress: 0,
    training_started_at: null,
    training_completed_at: null,
    fal_mode: 'character',
    fal_iterations: 500,
    fal_priority: 'normal',
    trigger_word: 'TOK',
    lora_rank: 32,
    avatar_data: {},
    training_config: {},
    photos_count: 10,
    generations_count: 0,
    created_at: then,
    updated_at: then,
    is_draft: false,
    photo_key: null,
    preview_key: null,
    training_type: 'portrait',
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
    ...changes,
  };
}

/** Two stored files, told apart by `name`. */
export function someArtifacts(name: string) {
  const file = (kind: string) => ({
    url: `https://v3.fal.media/files/${name}/${kind}`,
    storage_key: `artifacts/${name}/${kind}`,
    size: 1000,
    sha256: 'ab'.repeat(32),
    content_type: 'application/octet-stream',
  });
  return { lora: file('lora'), config: file('config') };
}

export const anError = errorOf('provider-error', null, null);

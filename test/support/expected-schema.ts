import type { CatalogColumn } from './catalog.ts';

/* The expected database, written independently: derived from the model it could not find an error in it. */

function column(name: string, type: string, rest: { default?: string; nullable?: boolean } = {}): CatalogColumn {
  return { name, type, nullable: rest.nullable ?? false, default: rest.default ?? null };
}

const nullable = true;

export const tables = [
  '__drizzle_migrations',
  'adopted_artifacts',
  'api_keys',
  'avatar_photos',
  'avatars',
  'batches',
  'events',
  'fal_files',
  'fal_signing_keys',
  'fal_webhooks',
  'generation_images',
  'generations',
  'idempotency_keys',
  'installation',
  'likeness_accepted',
  'likeness_ledger',
  'likeness_originals',
  'packs',
  'provider_circuit',
  'trainings',
  'users',
  'webhook_attempts',
  'webhook_deliveries',
  'webhook_endpoints',
];

/** The columns of `avatars` before fal. */
export const earlierColumns = [
  column('id', 'uuid'),
  column('user_id', 'uuid'),
  column('name', 'character varying(100)'),
  column('gender', 'avatargender'),
  column('avatar_type', 'avatartype', { default: `'character'::avatartype` }),
  column('status', 'avatarstatus', { default: `'draft'::avatarstatus` }),
  column('finetune_id', 'character varying(255)', { nullable }),
  column('training_progress', 'integer', { default: '0' }),
  column('training_started_at', 'timestamp with time zone', { nullable }),
  column('training_completed_at', 'timestamp with time zone', { nullable }),
  column('fal_mode', 'character varying(20)', { default: `'character'::character varying` }),
  column('fal_iterations', 'integer', { default: '500' }),
  column('fal_priority', 'falpriority', { default: `'normal'::falpriority` }),
  column('trigger_word', 'character varying(50)', { default: `'TOK'::character varying` }),
  column('lora_rank', 'integer', { default: '32' }),
  column('avatar_data', 'json', { default: `'{}'::json` }),
  column('training_config', 'json', { default: `'{}'::json` }),
  column('photos_count', 'integer', { default: '0' }),
  column('generations_count', 'integer', { default: '0' }),
  column('created_at', 'timestamp with time zone', { default: 'now()' }),
  column('updated_at', 'timestamp with time zone', { default: 'now()' }),
  column('is_draft', 'boolean', { default: 'true' }),
  column('photo_key', 'character varying(255)', { nullable }),
  column('preview_key', 'character varying(255)', { nullable }),
];

/** The columns added for fal: NULL unless something was sent or received, so none has a default. */
export const falColumns = [
  column('training_type', 'avatartrainingtype', { nullable }),
  column('fal_request_id', 'character varying(255)', { nullable }),
  column('learning_rate', 'double precision', { nullable }),
  column('trigger_phrase', 'character varying(255)', { nullable }),
  column('steps', 'integer', { nullable }),
  column('multiresolution_training', 'boolean', { nullable }),
  column('subject_crop', 'boolean', { nullable }),
  column('create_masks', 'boolean', { nullable }),
  column('captioning', 'boolean', { nullable }),
  column('finetune_type', 'falfinetunetype', { nullable }),
  column('finetune_comment', 'text', { nullable }),
  column('diffusers_lora_file_url', 'character varying(255)', { nullable }),
  column('config_file_url', 'character varying(255)', { nullable }),
  column('training_logs', 'text', { nullable }),
  column('training_error', 'text', { nullable }),
  column('webhook_url', 'character varying(255)', { nullable }),
  column('last_status_check', 'timestamp without time zone', { nullable }),
  column('fal_response_data', 'jsonb', { nullable }),
];

export const enums = {
  avatargender: ['male', 'female', 'other'],
  avatarstatus: ['draft', 'uploading', 'ready', 'training', 'completed', 'error', 'cancelled'],
  avatartrainingtype: ['portrait', 'style', 'object'],
  avatartype: ['character', 'style', 'custom'],
  falfinetunetype: ['lora', 'dreambooth'],
  falpriority: ['normal', 'high'],
  photovalidationstatus: ['pending', 'valid', 'invalid', 'duplicate'],
  trainingstatus: [
    'queued',
    'preparing',
    'submitting',
    'in_queue',
    'in_progress',
    'verifying',
    'succeeded',
    'failed',
    'cancelled',
  ],
};

const unfinished = `(status <> ALL (ARRAY['succeeded'::trainingstatus, 'failed'::trainingstatus, 'cancelled'::trainingstatus]))`;

/** The two indexes on fal's columns, and every unique index except primary keys. */
export const indexes: Record<string, string> = {
  ix_avatars_fal_request_id: 'avatars (fal_request_id)',
  ix_avatars_training_type: 'avatars (training_type)',
  ix_api_keys_key_hash: 'unique api_keys (key_hash)',
  ix_avatar_photos_avatar_id_file_hash: 'unique avatar_photos (avatar_id, file_hash)',
  ix_events_sequence: 'unique events (sequence) WHERE (sequence IS NOT NULL)',
  ix_fal_files_in_use: 'unique fal_files (purpose, training_id) WHERE (dropped_at IS NULL)',
  ix_generation_images_generation_id_index: 'unique generation_images (generation_id, index)',
  ix_generations_fal_request_id: 'unique generations (fal_request_id)',
  ix_trainings_avatar_id_attempt: 'unique trainings (avatar_id, attempt)',
  ix_trainings_fal_request_id: 'unique trainings (fal_request_id)',
  ix_trainings_unfinished: `unique trainings (avatar_id) WHERE ${unfinished}`,
  ix_users_external_id: 'unique users (external_id)',
  ix_users_main_avatar_id: 'unique users (main_avatar_id)',
  ix_users_telegram_id: 'unique users (telegram_id)',
  ix_webhook_attempts_delivery_id_number: 'unique webhook_attempts (delivery_id, number)',
  ix_webhook_deliveries_endpoint_id_event_id: 'unique webhook_deliveries (endpoint_id, event_id)',
};

export const foreignKeys = {
  adopted_artifacts_avatar_id_fkey:
    'adopted_artifacts FOREIGN KEY (avatar_id) REFERENCES avatars(id) ON DELETE CASCADE',
  api_keys_replaced_by_fkey: 'api_keys FOREIGN KEY (replaced_by) REFERENCES api_keys(id) ON DELETE SET NULL',
  avatar_photos_avatar_id_fkey: 'avatar_photos FOREIGN KEY (avatar_id) REFERENCES avatars(id) ON DELETE CASCADE',
  avatar_photos_user_id_fkey: 'avatar_photos FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE',
  avatars_user_id_fkey: 'avatars FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE',
  batches_avatar_id_fkey: 'batches FOREIGN KEY (avatar_id) REFERENCES avatars(id) ON DELETE SET NULL',
  batches_user_id_fkey: 'batches FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE SET NULL',
  fal_files_training_id_fkey: 'fal_files FOREIGN KEY (training_id) REFERENCES trainings(id) ON DELETE SET NULL',
  generation_images_avatar_id_fkey:
    'generation_images FOREIGN KEY (avatar_id) REFERENCES avatars(id) ON DELETE CASCADE',
  generation_images_generation_id_fkey:
    'generation_images FOREIGN KEY (generation_id) REFERENCES generations(id) ON DELETE CASCADE',
  generation_images_user_id_fkey: 'generation_images FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE',
  generations_avatar_id_fkey: 'generations FOREIGN KEY (avatar_id) REFERENCES avatars(id) ON DELETE SET NULL',
  generations_batch_id_fkey: 'generations FOREIGN KEY (batch_id) REFERENCES batches(id) ON DELETE SET NULL',
  generations_repeat_of_fkey: 'generations FOREIGN KEY (repeat_of) REFERENCES generations(id) ON DELETE SET NULL',
  generations_training_id_fkey: 'generations FOREIGN KEY (training_id) REFERENCES trainings(id) ON DELETE SET NULL',
  generations_user_id_fkey: 'generations FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE SET NULL',
  trainings_avatar_id_fkey: 'trainings FOREIGN KEY (avatar_id) REFERENCES avatars(id) ON DELETE SET NULL',
  trainings_retry_of_fkey: 'trainings FOREIGN KEY (retry_of) REFERENCES trainings(id) ON DELETE SET NULL',
  trainings_user_id_fkey: 'trainings FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE SET NULL',
  users_main_avatar_id_fkey: 'users FOREIGN KEY (main_avatar_id) REFERENCES avatars(id) ON DELETE SET NULL',
  webhook_attempts_delivery_id_fkey:
    'webhook_attempts FOREIGN KEY (delivery_id) REFERENCES webhook_deliveries(id) ON DELETE CASCADE',
  webhook_deliveries_endpoint_id_fkey:
    'webhook_deliveries FOREIGN KEY (endpoint_id) REFERENCES webhook_endpoints(id) ON DELETE CASCADE',
  webhook_deliveries_event_id_fkey: 'webhook_deliveries FOREIGN KEY (event_id) REFERENCES events(id) ON DELETE CASCADE',
};

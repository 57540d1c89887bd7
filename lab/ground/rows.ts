import type pg from 'pg';
import { v7 as uuid } from 'uuid';
import { firstColumns } from '../../src/fal-jobs/create.ts';
import { nothingYet } from '../../src/features/trainings/start.ts';

/** A row as JSON in PostgreSQL's spelling; omitted columns are NULL, not their default. */
export type Row = Record<string, unknown>;

const now = '2026-01-02T03:04:05Z';

export async function insertRow(client: pg.Pool | pg.ClientBase, table: string, row: Row): Promise<void> {
  await client.query(`insert into ${table} select * from jsonb_populate_record(null::${table}, $1)`, [
    JSON.stringify(row),
  ]);
}

/** A user with required columns only. */
export function userRow(changes: Row = {}): Row {
  return {
    id: uuid(),
    first_name: 'Ada',
    language_code: 'en',
    is_premium: false,
    is_bot: false,
    is_blocked: false,
    created_at: now,
    updated_at: now,
    ...changes,
  };
}

/** A draft avatar. */
export function avatarRow(user_id: unknown, changes: Row = {}): Row {
  return {
    id: uuid(),
    user_id,
    name: 'Portrait',
    gender: 'female',
    avatar_type: 'character',
    status: 'draft',
    is_draft: true,
    training_progress: 0,
    fal_mode: 'character',
    fal_iterations: 500,
    fal_priority: 'normal',
    trigger_word: 'TOK',
    lora_rank: 32,
    avatar_data: {},
    training_config: {},
    photos_count: 0,
    generations_count: 0,
    created_at: now,
    updated_at: now,
    ...changes,
  };
}

/** A valid photo. */
export function photoRow(user_id: unknown, avatar_id: unknown, changes: Row = {}): Row {
  return {
    id: uuid(),
    user_id,
    avatar_id,
    minio_key: 'avatars/photo',
    file_hash: uuid(),
    upload_order: 0,
    validation_status: 'valid',
    file_size: 1,
    format: 'jpeg',
    photo_metadata: {},
    created_at: now,
    order: 0,
    ...changes,
  };
}

/** A queued training. */
export function trainingRow(user_id: unknown, avatar_id: unknown, changes: Row = {}): Row {
  return {
    ...firstColumns(new Date(now), 0),
    ...nothingYet,
    id: uuid(),
    user_id,
    avatar_id,
    attempt: 1,
    training_type: 'portrait',
    trainer: 'portrait',
    endpoint: 'fal-ai/flux-lora-portrait-trainer',
    fal_priority: 'normal',
    settings: {},
    photo_manifest: [],
    sandbox: true,
    estimated_cost_usd: 0,
    // No check is due.
    next_check_at: null,
    ...changes,
  };
}

/** A generation that has succeeded; its images are rows of their own. */
export function generationRow(user_id: unknown, avatar_id: unknown, changes: Row = {}): Row {
  return {
    id: uuid(),
    user_id,
    avatar_id,
    model: 'flux-lora',
    endpoint: 'fal-ai/flux-lora',
    status: 'succeeded',
    fal_priority: 'normal',
    sandbox: true,
    estimated_cost_usd: 0.035,
    prompt: 'at the sea',
    final_prompt: 'TOK woman, at the sea',
    trigger_phrase: 'TOK',
    trigger: 'inserted',
    preset: 'balanced',
    width: 96,
    height: 128,
    num_images: 4,
    seed: 1,
    settings: {},
    warnings: [],
    lora_sha256: '0'.repeat(64),
    fingerprint: '\\x00',
    submission_id: uuid(),
    submissions: 1,
    fal_input: {},
    fal_request_id: uuid(),
    charged: 'yes',
    images_ok: 1,
    created_at: now,
    updated_at: now,
    ended_at: now,
    checks: 0,
    deadline_at: now,
    ...changes,
  };
}

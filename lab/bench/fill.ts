import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { v7 as uuidv7 } from 'uuid';
import type { Artifact } from '../../src/platform/db/schema.ts';
import { errorOf } from '../../src/features/trainings/failures.ts';
import type { Ground } from './ground.ts';

/** Samples of a filled database. */
export type Filled = { userId: string; avatarId: string; trainingId: string; generationId: string; events: number };

type Value = string | number | boolean | null;
type Row = Record<string, Value>;

// Ids end before the present, so that rows created later are newer.
const begin = Date.UTC(2025, 0, 1);
const stepMs = 20;
const perUser = 10;
const imagesEach = 4;
const lines = 1000;

/**
 * Fills a database by COPY: `count` avatars, photos, images and events, a tenth as many users, a quarter as many trainings,
 * generations, deliveries and drained webhooks. Statuses and types have realistic shares.
 */
export async function fill(ground: Ground, databaseUrl: string, count: number): Promise<Filled> {
  const users = ids('user', Math.ceil(count / perUser));
  const avatars = ids('avatar', count);
  const trainings = ids('training', Math.ceil(count / 4));
  const generations = ids('generation', count);
  const events = ids('event', count);
  const endpoint = uuidv7();
  const owner = (index: number) => users(Math.floor(index / perUser));
  const copy = (table: string, rows: number, row: (index: number) => Row) =>
    copyRows(ground, databaseUrl, table, rows, row);
  await copy('users', Math.ceil(count / perUser), (index) => ({
    id: users(index),
    external_id: `user ${index}`,
    first_name: 'Ada',
    language_code: 'en',
    is_premium: false,
    is_bot: false,
    is_blocked: false,
    created_at: time(index * perUser),
  }));
  await copy('avatars', count, (index) => ({
    id: avatars(index),
    user_id: owner(index),
    name: `Avatar ${index}`,
    gender: 'female',
    status: avatarStatusOf(index),
    is_draft: avatarStatusOf(index) === 'draft',
    photos_count: 1,
    training_type: index % 50 === 7 ? 'object' : index % 3 === 0 ? 'style' : 'portrait',
    created_at: time(index),
  }));
  await copy('avatar_photos', count, (index) => ({
    id: ids('photo', count)(index),
    // Ten photos for every tenth avatar, so that a page is full.
    avatar_id: avatars(Math.floor(index / perUser) * perUser),
    user_id: owner(index),
    minio_key: `photos/${index}.jpg`,
    file_hash: createHash('sha256').update(String(index)).digest('hex'),
    upload_order: (index % perUser) + 1,
    validation_status: 'valid',
    file_size: 100_000,
    format: 'jpg',
    created_at: time(index),
  }));
  await copy('trainings', Math.ceil(count / 4), (index) => ({
    id: trainings(index),
    avatar_id: avatars(index * 4),
    user_id: owner(index * 4),
    attempt: 1,
    training_type: 'portrait',
    trainer: 'portrait',
    endpoint: 'fal-ai/flux-lora-portrait-trainer',
    fal_priority: 'normal',
    settings: '{}',
    photo_manifest: '[]',
    sandbox: true,
    estimated_cost_usd: 1,
    submission_id: trainings(index),
    submissions: 1,
    fal_input: '{}',
    fal_request_id: `request-${index}`,
    progress: 100,
    logs: '[]',
    checks: 3,
    created_at: time(index * 4),
    deadline_at: time(index * 4),
    ...endOf(index),
  }));
  await copy('generations', Math.ceil(count / imagesEach), (index) => ({
    id: generations(index),
    avatar_id: avatars(index * imagesEach),
    user_id: owner(index * imagesEach),
    training_id: trainings(index),
    model: 'flux-lora',
    endpoint: 'fal-ai/flux-lora',
    ...(index % 50 === 5
      ? { status: 'failed', error: JSON.stringify(failure), charged: 'no', images_ok: 0 }
      : { status: 'succeeded', charged: 'yes', images_ok: 3 }),
    fal_priority: 'normal',
    sandbox: true,
    estimated_cost_usd: 1,
    prompt: 'at the sea',
    final_prompt: 'TOK, at the sea',
    trigger_phrase: 'TOK',
    trigger: 'inserted',
    preset: 'balanced',
    width: 1024,
    height: 1024,
    num_images: imagesEach,
    seed: index,
    settings: '{}',
    warnings: '[]',
    lora_sha256: hash,
    fingerprint: '\\x00',
    submission_id: generations(index),
    submissions: 1,
    fal_input: '{}',
    fal_request_id: `image request ${index}`,
    checks: 3,
    created_at: time(index * imagesEach),
    submitted_at: time(index * imagesEach),
    ended_at: time(index * imagesEach),
    deadline_at: time(index * imagesEach),
  }));
  await copy('generation_images', count, (index) => ({
    id: ids('image', count)(index),
    generation_id: generations(Math.floor(index / imagesEach)),
    user_id: owner(index),
    avatar_id: avatars(Math.floor(index / imagesEach) * imagesEach),
    index: index % imagesEach,
    favorite: index % 20 === 2,
    created_at: time(index),
    ...(index % imagesEach === 3
      ? { status: 'flagged' }
      : { status: 'ok', width: 1024, height: 1024, content_type: 'image/jpeg', ...picture }),
  }));
  await copy('events', count, (index) => ({
    id: events(index),
    sequence: index + 1,
    type: index % 200 === 3 ? 'training.failed' : index % 4 === 1 ? 'training.succeeded' : 'avatar.created',
    created_at: time(index),
    user_id: owner(index),
    avatar_id: avatars(index),
    training_id: index % 4 === 0 ? trainings(index / 4) : null,
    data: '{}',
  }));
  await copy('webhook_endpoints', 1, () => ({
    id: endpoint,
    url: 'http://127.0.0.1:9/',
    secret: 'none',
    last_sequence: count,
  }));
  await copy('webhook_deliveries', Math.ceil(count / 4), (index) => ({
    id: ids('delivery', count)(index),
    endpoint_id: endpoint,
    event_id: events(index * 4),
    status: 'delivered',
    attempts: 1,
    tries: 1,
    give_up_at: time(index),
    created_at: time(index),
    ended_at: time(index),
  }));
  await copy('fal_webhooks', Math.ceil(count / 4), (index) => ({
    id: ids('webhook', count)(index),
    received_at: time(index),
    request_id: `request-${index}`,
    training_id: trainings(index),
    submission_id: trainings(index),
    headers: '{}',
    body: '\\x7b7d',
    outcome: 'applied',
    drained_at: time(index),
  }));
  await copy('idempotency_keys', Math.ceil(count / 4), (index) => ({
    caller: 'bench',
    key: String(index),
    method: 'POST',
    path: '/v1/avatars',
    request_hash: '\\x00',
    status_code: 201,
    headers: '{}',
    created_at: time(index),
    expires_at: '2100-01-01T00:00:00Z',
  }));
  await ground.query(databaseUrl, `select setval('events_sequence', $1)`, [count]);
  await ground.query(databaseUrl, 'vacuum analyze');
  const middle = Math.floor(count / 2 / (4 * perUser)) * 4 * perUser;
  return {
    userId: owner(middle),
    avatarId: avatars(middle),
    trainingId: trainings(middle / 4),
    generationId: generations(middle / imagesEach),
    events: count,
  };
}

function avatarStatusOf(index: number): string {
  if (index % 200 === 11) return 'error';
  return index % 4 === 3 ? 'draft' : 'completed';
}

function endOf(index: number): Row {
  const ended_at = time(index * 4);
  if (index % 50 === 5) return { status: 'failed', error: JSON.stringify(failure), charged: 'no', ended_at };
  return { status: 'succeeded', artifacts: JSON.stringify({ lora: file, config: file }), charged: 'yes', ended_at };
}

const hash = '0'.repeat(64);
const picture = { size: 100, sha256: hash, source_sha256: hash, storage_key: 'picture', thumbnail_key: 'thumbnail' };
const failure = errorOf('provider-error', null, null);
const file: Artifact = {
  url: 'https://v3.fal.media/files/bench/file',
  storage_key: 'artifacts/bench/file',
  size: 100,
  sha256: hash,
  content_type: 'application/octet-stream',
};

function time(index: number): string {
  return new Date(begin + index * stepMs).toISOString();
}

/** Deterministic ids that increase with the index, like the service's. */
function ids(kind: string, most: number): (index: number) => string {
  return (index) => {
    if (index > most) throw new Error(`there are no ${index} of ${kind}`);
    const random = createHash('md5').update(`${kind} ${index}`).digest();
    return uuidv7({ msecs: begin + index * stepMs, random });
  };
}

async function copyRows(
  ground: Ground,
  databaseUrl: string,
  table: string,
  count: number,
  rowOf: (index: number) => Row,
): Promise<void> {
  const path = join(ground.folder, `${basename(databaseUrl)}-${table}.copy`);
  const columns = Object.keys(rowOf(0));
  // Rows omit different columns; a column counts when one of the first rows has it.
  for (let index = 1; index < Math.min(count, 100); index += 1) {
    for (const name of Object.keys(rowOf(index))) if (!columns.includes(name)) columns.push(name);
  }
  function* chunks(): Generator<string> {
    for (let from = 0; from < count; from += lines) {
      let text = '';
      for (let index = from; index < Math.min(count, from + lines); index += 1) {
        const row = rowOf(index);
        text += `${columns.map((name) => written(row[name])).join('\t')}\n`;
      }
      yield text;
    }
  }
  await pipeline(Readable.from(chunks()), createWriteStream(path));
  const list = columns.map((name) => `"${name}"`).join(', ');
  // Without checks of foreign keys, which would take longer than everything else.
  await ground.query(databaseUrl, `set session_replication_role = replica; copy ${table} (${list}) from '${path}'`);
  await rm(path);
}

function written(value: Value | undefined): string {
  return value === null || value === undefined ? '\\N' : String(value).replaceAll('\\', '\\\\');
}

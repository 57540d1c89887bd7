import { drizzle } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import { findAvatarDetails, listNewest } from '../../src/features/avatars/store.ts';
import { type Config, makeConfig, readSettings } from '../../src/config.ts';
import type { Context } from '../../src/context.ts';
import type { Db } from '../../src/platform/db/client.ts';
import * as schema from '../../src/platform/db/schema.ts';
import { claimDue } from '../../src/features/webhooks/delivery-store.ts';
import { pruneEventsJob } from '../../src/features/events/prune.ts';
import { sequenceEvents } from '../../src/features/events/sequence.ts';
import { findEvents } from '../../src/features/events/store.ts';
import { pruneIdempotencyKeysJob } from '../../src/platform/idempotency/store.ts';
import type { RecurringJob } from '../../src/platform/jobs/define.ts';
import { listPhotos } from '../../src/features/photos/store.ts';
import { dispatchTrainings } from '../../src/features/trainings/machine.ts';
import { listTrainings, type TrainingFilter } from '../../src/features/trainings/list.ts';
import { listGenerations, type GenerationFilter } from '../../src/features/generations/list.ts';
import { generationStore } from '../../src/features/generations/store.ts';
import { type ImageFilter, listNewestImages } from '../../src/features/images/store.ts';
import { trainingStore } from '../../src/features/trainings/store.ts';
import { pruneWebhooksJob } from '../../src/features/inbox/prune.ts';
import { lockUndrained } from '../../src/features/inbox/store.ts';

/** A statement that runs often or on many rows, and the indexes that it should use. */
export type HotQuery = { name: string; run: (db: Db) => Promise<unknown>; uses: string[] };

export type Known = { userId: string; avatarId: string; trainingId: string; generationId: string };

const config: Config = makeConfig(
  readSettings({
    FAL_MODE: 'sandbox',
    FAL_BASE_URL: 'http://127.0.0.1:9',
    DATABASE_URL: 'postgresql://127.0.0.1/likeness',
    STORAGE_URL: 'file:///tmp',
    PUBLIC_URL: 'http://127.0.0.1',
  }),
);
const page = { after: null, limit: 21 };

/** Every statement whose time must not grow with the tables. */
export function hotQueries({ userId, avatarId, trainingId, generationId }: Known): HotQuery[] {
  const newest = { ...page, except: null };
  const after = { ...newest, after: { createdAt: '2025-01-01 00:00:05.000123+00', id: avatarId } };
  const found = { after: 10, limit: 100 };
  const trainings = (filter: TrainingFilter) => (db: Db) => listTrainings(contextOf(db), filter, { limit: 20 });
  const generations = (filter: Partial<GenerationFilter>) => (db: Db) =>
    listGenerations(contextOf(db), { erased: false, ...filter }, { limit: 20 });
  const images =
    (filter: Partial<ImageFilter>, later: Partial<typeof page> | object = {}) =>
    (db: Db) =>
      listNewestImages(db, { status: 'ok', ...filter }, { ...page, ...later });
  const slots = { free: 20, begin: () => undefined };
  const job =
    ({ start }: RecurringJob<Context>) =>
    (db: Db) => {
      const { signal } = new AbortController();
      return start(contextOf(db), signal).run(signal, slots);
    };
  return [
    { name: 'avatars', run: (db) => listNewest(db, {}, newest), uses: ['ix_avatars_created_at'] },
    { name: 'avatars, a later page', run: (db) => listNewest(db, {}, after), uses: ['ix_avatars_created_at'] },
    {
      name: 'avatars of a user',
      run: (db) => listNewest(db, { userId }, newest),
      uses: ['ix_avatars_user_id_created_at'],
    },
    {
      name: 'avatars of a rare status',
      run: (db) => listNewest(db, { statuses: ['error'] }, newest),
      uses: ['ix_avatars_status_created_at'],
    },
    {
      name: 'avatars of a rare type',
      run: (db) => listNewest(db, { trainingType: 'object' }, newest),
      uses: ['ix_avatars_training_type_created_at'],
    },
    { name: 'an avatar', run: (db) => findAvatarDetails(db, [{ id: avatarId }]), uses: ['avatars_pkey'] },
    { name: 'photos of an avatar', run: (db) => listPhotos(db, avatarId, page), uses: ['ix_avatar_photos_avatar_id'] },
    { name: 'trainings', run: trainings({}), uses: ['ix_trainings_created_at'] },
    {
      name: 'trainings of a user',
      run: trainings({ user_id: userId }),
      uses: ['ix_trainings_user_id_created_at'],
    },
    {
      name: 'trainings of a rare status',
      run: trainings({ status: 'failed' }),
      uses: ['ix_trainings_status_created_at'],
    },
    {
      name: 'trainings that need attention',
      run: trainings({ needs_attention: true }),
      uses: ['ix_trainings_needs_attention'],
    },
    { name: 'generations', run: generations({}), uses: ['ix_generations_created_at'] },
    {
      name: 'generations of a user',
      run: generations({ user_id: userId }),
      uses: ['ix_generations_user_id_created_at'],
    },
    {
      name: 'generations of a rare status',
      run: generations({ status: 'failed' }),
      uses: ['ix_generations_status_created_at'],
    },
    { name: 'images', run: images({}), uses: ['ix_generation_images_status_created_at'] },
    {
      name: 'images, a later page',
      run: images({}, { after: after.after }),
      uses: ['ix_generation_images_status_created_at'],
    },
    { name: 'images of a user', run: images({ userId }), uses: ['ix_generation_images_user_id_status_created_at'] },
    {
      name: 'images of an avatar',
      run: images({ avatarId }),
      uses: ['ix_generation_images_avatar_id_status_created_at'],
    },
    {
      name: 'images of a generation',
      run: images({ generationId }),
      uses: ['ix_generation_images_generation_id_index'],
    },
    { name: 'favourite images', run: images({ favorite: true }), uses: ['ix_generation_images_favorite'] },
    {
      name: 'favourite images of a user',
      run: images({ userId, favorite: true }),
      uses: ['ix_generation_images_user_id_favorite'],
    },
    { name: 'events', run: (db) => findEvents(db, found), uses: ['ix_events_sequence'] },
    {
      name: 'events of a user',
      run: (db) => findEvents(db, found, {}, { userId }),
      uses: ['ix_events_user_id_sequence'],
    },
    {
      name: 'events of an avatar',
      run: (db) => findEvents(db, found, { avatar_id: avatarId }),
      uses: ['ix_events_avatar_id_sequence'],
    },
    {
      name: 'events of a training',
      run: (db) => findEvents(db, found, { training_id: trainingId }),
      uses: ['ix_events_training_id_sequence'],
    },
    {
      name: 'events of a rare type',
      run: (db) => findEvents(db, found, { types: ['training.failed'] }),
      uses: ['ix_events_type_sequence'],
    },
    { name: 'numbering of events', run: (db) => sequenceEvents(contextOf(db), 1000), uses: ['ix_events_unsequenced'] },
    { name: 'inbox', run: (db) => lockUndrained(db), uses: ['ix_fal_webhooks_undrained'] },
    {
      name: 'trainings that are due',
      run: (db) => trainingStore.claimDue(db, 20, { lookMs: 1, restMs: 1 }),
      uses: ['ix_trainings_next_check_at'],
    },
    {
      name: 'generations that are due',
      run: (db) => generationStore.claimDue(db, 20, { lookMs: 1, restMs: 1 }),
      uses: ['ix_generations_next_check_at'],
    },
    {
      name: 'trainings to let in',
      run: (db) => dispatchTrainings(contextOf(db)),
      uses: ['Index Scan using ix_trainings_'],
    },
    {
      name: 'deliveries that are due',
      run: (db) => claimDue(db, { room: 20, busy: new Map(), concurrency: 5, leaseMs: 1000 }),
      uses: ['ix_webhook_deliveries_due'],
    },
    { name: 'retention of events', run: job(pruneEventsJob), uses: ['ix_events_created_at'] },
    { name: 'retention of webhooks', run: job(pruneWebhooksJob), uses: ['ix_fal_webhooks_received_at'] },
    {
      name: 'retention of idempotency keys',
      run: job(pruneIdempotencyKeysJob),
      uses: ['ix_idempotency_keys_expires_at'],
    },
  ];
}

// Only what the statements' functions use.
function contextOf(db: Db): Context {
  return { db, config, installation: { secret: Buffer.alloc(32) } } as unknown as Context;
}

/** Runs a query in a transaction that is rolled back, and explains its statements. @returns their plans as one text */
export async function explain(client: pg.Client | pg.PoolClient, { run }: HotQuery): Promise<string> {
  const sent: { text: string; values: unknown[] }[] = [];
  const logger = { logQuery: (text: string, values: unknown[]) => void sent.push({ text, values }) };
  const plans: string[] = [];
  const done = new Error('rolled back');
  await drizzle(client, { schema, logger })
    .transaction(async (tx) => {
      await run(tx);
      for (const { text, values } of sent.filter((each) =>
        /^\s*(select|update|delete|insert|with)\b/i.test(each.text),
      )) {
        const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain ${text}`, values);
        plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
      }
      throw done;
    })
    .catch((error: unknown) => {
      if (error !== done) throw error;
    });
  return plans.join('\n\n');
}

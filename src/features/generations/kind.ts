import { isDeepStrictEqual } from 'node:util';
import { eq, sql } from 'drizzle-orm';
import { followUpsOf } from '../../fal-jobs/follow-ups.ts';
import type { JobKind } from '../../fal-jobs/kind.ts';
import type { Signal } from '../../fal-jobs/signals.ts';
import { avatars } from '../../platform/db/schema.ts';
import type { Tx } from '../../platform/db/transact.ts';
import { stoppedTopic, topics } from '../../topics.ts';
import { publish } from '../events/publish.ts';
import { insertImages, objectKeysOf } from '../images/store.ts';
import { dropLora } from '../loras/address.ts';
import { modelNamed } from '../models/registry.ts';
import { generationChanges } from './changes.ts';
import { endBatchOf } from './end-batch.ts';
import { publishGeneration } from './event.ts';
import { generationFailures } from './failures.ts';
import { fetchGeneration, learnBill, type StoredImages } from './fetch.ts';
import { submissionsCounter } from './metrics.ts';
import { prepareGeneration } from './prepare.ts';
import { type Generation, generationStore } from './store.ts';

const day = 86_400_000;

export const generationKind: JobKind<Generation, StoredImages> = {
  name: 'generation',
  store: generationStore,
  jobs: followUpsOf('generation'),
  topics: { checks: topics.generationChecks, stopped: (id) => stoppedTopic('generation', id) },
  failures: generationFailures,
  timing: ({ generation, training, fal }) => ({
    pollFirstMs: generation.pollFirstMs,
    pollMs: generation.pollMs,
    startTimeoutSeconds: generation.startTimeoutSeconds,
    outputExpirySeconds: fal.imageExpirySeconds,
    verifyingMs: fal.imageExpirySeconds * 1000,
    goneMs: training.artifactGoneMs,
    // The images are gone from fal by then.
    lateMs: Math.max(fal.imageExpirySeconds * 1000, day),
    blockedMaxMs: generation.blockedMaxMs,
    unresolvedMaxMs: generation.unresolvedMaxMs,
  }),
  room: ({ generation, fal, limits }) => ({
    running: Math.min(generation.maxRunning, fal.concurrency ?? Infinity),
    runningPerUser: generation.maxRunningPerUser,
    queued: limits.queuedGenerations,
    queuedPerUser: limits.queuedGenerationsPerUser,
  }),
  // The avatar counts the generations that have succeeded.
  locksAvatar: (signal) => signal === 'artifacts' || signal === 'accept_late',
  longestRunMs: (_generation, config) => config.generation.deadlineMs,
  prepare: prepareGeneration,
  isOurs: ({ fal_input }, { input }) => fal_input !== null && isDeepStrictEqual(input, fal_input),
  holdsProduct: ({ model }, result) => modelNamed(model).output(result) !== null,
  bareResult({ model }, raw) {
    const output = modelNamed(model).output(JSON.parse(raw));
    if (output === null) return 'null';
    const images = output.images.map(({ url }) => ({ url }));
    return JSON.stringify({ images, has_nsfw_concepts: output.images.map(({ flagged }) => flagged) });
  },
  beforeFetch: learnBill,
  fetch: fetchGeneration,
  objectKeysOf: ({ images }) => objectKeysOf(images),
  changes: generationChanges,
  async after(tx, generation, avatar, now, signal) {
    if (signal === null) return;
    const images = gained(generation, signal);
    if (images && avatar) {
      await insertImages(tx, generation, images);
      await tx
        .update(avatars)
        .set({ generations_count: sql`${avatars.generations_count} + 1`, updated_at: now })
        .where(eq(avatars.id, avatar.id));
    }
    if (generation.error?.code === 'lora-unreachable' && signal.kind === 'failure') {
      await dropUnreachable(tx, generation);
    }
  },
  async publish(tx, event, change) {
    await publishGeneration(tx, event, change);
    await endBatchOf(tx, change.row);
  },
  async announce(tx: Tx, type, reason) {
    await publish(tx, { type, data: { reason } });
  },
  countSubmission({ metrics }, outcome) {
    submissionsCounter(metrics).inc({ outcome });
  },
};

// The images with which a generation has just succeeded.
function gained(generation: Generation, signal: Signal<StoredImages>): StoredImages['images'] | null {
  if (generation.status !== 'succeeded') return null;
  if (signal.kind === 'artifacts') return signal.artifacts.images;
  return signal.kind === 'accept_late' ? generation.late_artifacts : null;
}

async function dropUnreachable(tx: Tx, { training_id: trainingId, fal_input }: Generation) {
  const [lora] = Array.isArray(fal_input?.['loras']) ? fal_input['loras'] : [];
  const url: unknown = lora?.path;
  if (typeof url === 'string' && trainingId !== null) await dropLora(tx, { trainingId, url });
}

import { asc, eq } from 'drizzle-orm';
import { type GenerationEventType, type NewEvent, publish } from '../events/publish.ts';
import type { Change } from '../../fal-jobs/kind.ts';
import type { JobEvent } from '../../fal-jobs/lifecycle.ts';
import type { Signal } from '../../fal-jobs/signals.ts';
import { generationImages } from '../../platform/db/schema.ts';
import type { Tx } from '../../platform/db/transact.ts';
import { failureCodes } from './failures.ts';
import type { Generation } from './store.ts';

// Generations are many and quick: what lasts for seconds is not published.
const silent: ReadonlySet<JobEvent> = new Set(['preparing', 'submitting', 'started', 'progress', 'verifying']);

/** Publishes the event of a transition. No event holds a prompt, nor words of fal's, which may repeat it. */
export async function publishGeneration(
  tx: Tx,
  event: JobEvent,
  { row, signal, requestId }: Change<Generation>,
): Promise<void> {
  if (isSilent(event)) return;
  await publish(tx, await eventOf(tx, `generation.${event}`, row, signal, requestId));
}

type Told = Exclude<JobEvent, 'preparing' | 'submitting' | 'started' | 'progress' | 'verifying'>;

function isSilent(event: JobEvent): event is Exclude<JobEvent, Told> {
  return silent.has(event);
}

async function eventOf(
  tx: Tx,
  type: GenerationEventType,
  generation: Generation,
  signal: Signal | null,
  requestId: string | undefined,
): Promise<NewEvent> {
  const { status, num_images, sandbox } = generation;
  const about = {
    user_id: generation.user_id,
    avatar_id: generation.avatar_id,
    training_id: generation.training_id,
    generation_id: generation.id,
    batch_id: generation.batch_id,
    request_id: requestId ?? null,
  };
  const data = {
    status,
    num_images,
    sandbox,
    // In the first event only.
    ...(signal === null && generation.repeat_of && { repeat_of: generation.repeat_of }),
    ...(generation.fal_request_id && { fal_request_id: generation.fal_request_id }),
  };
  const charged = generation.charged ?? 'unknown';
  switch (type) {
    case 'generation.blocked':
    case 'generation.submit_unknown':
      return { ...about, type, data: { ...data, reason: reasonOf(generation, signal) } };
    case 'generation.failed':
      return { ...about, type, data: { ...data, error: errorOf(generation), charged } };
    case 'generation.succeeded':
    case 'generation.late_result_accepted':
      return { ...about, type, data: { ...data, images: await imagesOf(tx, generation.id), charged } };
    case 'generation.cancelled':
    case 'generation.late_result_reported':
    case 'generation.late_result':
      return { ...about, type, data: { ...data, charged } };
    default:
      return { ...about, type, data };
  }
}

function imagesOf(tx: Tx, generationId: string) {
  const { id, index, status } = generationImages;
  return tx
    .select({ id, index, status })
    .from(generationImages)
    .where(eq(generationImages.generation_id, generationId))
    .orderBy(asc(index));
}

function errorOf({ id, error }: Generation) {
  if (error === null) throw new Error(`the generation ${id} failed without an error`);
  const { code, retryable, provider_request_id } = error;
  const { message } = failureCodes[code as keyof typeof failureCodes];
  return { code, message, retryable, provider_request_id };
}

function reasonOf(generation: Generation, signal: Signal | null): string {
  return signal && 'reason' in signal ? signal.reason : (generation.blocked_reason ?? 'unknown');
}

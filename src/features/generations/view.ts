import type { Config } from '../../config.ts';
import { iso } from '../../platform/http/iso.ts';
import type { AspectRatio } from '../models/model.ts';
import type { PresetName } from '../trainers/trainer.ts';
import type { Plan } from './plan.ts';
import type { GenerationPlanView, GenerationView } from './schemas.ts';
import { type Image, imagesOf } from '../images/store.ts';
import type { Sight } from '../packs/sight.ts';
import { hiddenAmong } from './pack.ts';
import type { Db } from '../../platform/db/client.ts';
import type { Generation } from './store.ts';

/**
 * A generation without storage keys, tokens, or addresses of files at fal.
 * @param isHidden leaves out its prompts, and the words of fal, which may repeat them
 */
function generationView(
  generation: Generation,
  images: readonly Image[],
  { isHidden }: { isHidden: boolean },
): GenerationView {
  const { id, avatar_id, user_id, training_id, batch_id, repeat_of, pack, pack_item, model, endpoint } = generation;
  const { status, sandbox, fal_priority, prompt, final_prompt, trigger, width, height, num_images } = generation;
  const { seed, settings, lora_sha256, warnings, estimated_cost_usd, charged, billed_units } = generation;
  const { fal_request_id, gateway_request_id, submissions, result_source, images_ok, blocked_reason } = generation;
  return {
    id,
    avatar_id,
    user_id,
    training_id,
    batch_id,
    repeat_of,
    pack,
    pack_item,
    model,
    endpoint,
    status,
    sandbox,
    fal_priority,
    prompt: isHidden ? null : prompt,
    final_prompt: isHidden ? null : final_prompt,
    trigger,
    preset: generation.preset as PresetName,
    aspect_ratio: generation.aspect_ratio as AspectRatio | null,
    width,
    height,
    num_images,
    seed,
    settings,
    lora_sha256,
    warnings,
    estimated_cost_usd,
    charged,
    billed_units,
    fal_request_id,
    gateway_request_id,
    submissions,
    error: generation.error && {
      ...generation.error,
      ...(isHidden && { detail: null }),
      charged: charged ?? 'unknown',
    },
    result_source,
    images_ok,
    images: images.map(imageView),
    has_late_result: status !== 'succeeded' && generation.late_artifacts !== null,
    blocked_reason,
    blocked_at: iso(generation.blocked_at),
    submit_unknown_at: iso(generation.submit_unknown_at),
    needs_attention_at: iso(generation.needs_attention_at),
    cancel_requested_at: iso(generation.cancel_requested_at),
    created_at: iso(generation.created_at),
    updated_at: iso(generation.updated_at),
    submitted_at: iso(generation.submitted_at),
    accepted_at: iso(generation.accepted_at),
    started_at: iso(generation.started_at),
    ended_at: iso(generation.ended_at),
    last_status_check: iso(generation.last_status_check),
    deadline_at: iso(generation.deadline_at),
    erased_at: iso(generation.erased_at),
  };
}

/** Generations with their images, as a caller of this sight sees them. */
export async function generationViews(db: Db, list: readonly Generation[], sight: Sight): Promise<GenerationView[]> {
  const images = await imagesOf(
    db,
    list.map(({ id }) => id),
  );
  const hidden = await hiddenAmong(db, list, sight);
  return list.map((generation) => {
    const own = images.filter(({ generation_id: id }) => id === generation.id);
    return generationView(generation, own, { isHidden: hidden.has(generation.id) });
  });
}

function imageView(image: Image): GenerationView['images'][number] {
  const { id, index, status, width, height, content_type, size, sha256, favorite, likeness } = image;
  return { id, index, status, width, height, content_type, size, sha256, favorite, likeness };
}

/** @param isHidden leaves out its prompts */
export function planView(
  { fal }: Pick<Config, 'fal'>,
  plan: Plan,
  { pack, pack_item }: Pick<Generation, 'pack' | 'pack_item'>,
  { isHidden }: { isHidden: boolean },
): GenerationPlanView {
  const { avatar, training, model, prompt, images, lora, warnings } = plan;
  return {
    dry_run: true,
    avatar_id: avatar.id,
    training_id: training.id,
    model: model.name,
    endpoint: model.endpoint,
    pack,
    pack_item,
    prompt: isHidden ? null : prompt.prompt,
    final_prompt: isHidden ? null : prompt.finalPrompt,
    trigger: prompt.trigger,
    preset: images.preset,
    aspect_ratio: images.aspectRatio,
    width: images.width,
    height: images.height,
    num_images: images.numImages,
    seed: images.seed,
    settings: images.settings,
    lora_sha256: lora.sha256,
    estimated_cost_usd: plan.estimatedCostUsd,
    sandbox: fal.mode === 'sandbox',
    warnings,
  };
}

import type { avatars, FalPriority, GenerationWarning } from '../../platform/db/schema.ts';
import type { Db } from '../../platform/db/client.ts';
import type { Model } from '../models/model.ts';
import { chooseModel } from '../models/registry.ts';
import { type AskedImages, estimateImages, type ResolvedImages, resolveImages } from '../models/settings.ts';
import type { Training } from '../trainings/store.ts';
import { type Prompt, subjectOf, writePrompt } from './prompt.ts';
import { type Used, usedTraining } from './training.ts';

export type Asked = AskedImages & {
  prompt: string;
  raw_prompt?: boolean | undefined;
  model?: string | undefined;
  training_id?: string | undefined;
  fal_priority?: FalPriority | undefined;
};

/** What a generation would be, before anything is written. */
export type Plan = {
  avatar: typeof avatars.$inferSelect;
  training: Training;
  lora: { sha256: string };
  triggerPhrase: string;
  model: Model;
  prompt: Prompt;
  images: ResolvedImages;
  falPriority: FalPriority;
  estimatedCostUsd: number;
  warnings: GenerationWarning[];
};

/**
 * Checks what is asked of an avatar.
 * @throws Problem 404 for the training of another avatar; 409 `avatar-not-trained`, `lora-unavailable`; 422 for settings
 * and prompt
 */
export async function planGeneration(db: Db, avatar: Plan['avatar'], asked: Asked): Promise<Plan> {
  return planWith(await usedTraining(db, avatar, asked.training_id), avatar, asked);
}

/** Checks what is asked of the LoRA of an avatar. @throws Problem 422 for settings and prompt */
export function planWith(
  { training, lora, triggerPhrase, isNewest }: Used,
  avatar: Plan['avatar'],
  asked: Asked,
): Plan {
  const model = chooseModel(asked.model);
  const images = resolveImages(model, asked);
  const subject = subjectOf(avatar.training_type, avatar.gender, triggerPhrase);
  const prompt = writePrompt(asked.prompt, subject, asked.raw_prompt ?? false);
  return {
    avatar,
    training,
    lora,
    triggerPhrase: subject.triggerPhrase,
    model,
    prompt,
    images,
    falPriority: asked.fal_priority ?? avatar.fal_priority,
    estimatedCostUsd: estimateImages(model, images),
    warnings: [...prompt.warnings, ...(isNewest ? [] : [newerTraining])],
  };
}

const newerTraining = {
  code: 'newer-training',
  detail: 'A later training of this avatar has succeeded, and its LoRA is not used.',
};

import type { TrainingType } from '../../platform/db/schema.ts';
import { Problem } from '../../errors.ts';
import { fast } from './fast.ts';
import { fluxPro } from './flux-pro.ts';
import { portrait } from './portrait.ts';
import type { RetiredTrainer, SettingName, SettingValue, Trainer } from './trainer.ts';
import { turbo } from './turbo.ts';

/** The trainers that can be chosen. Adding one is its file and a name here. */
export const trainers: readonly Trainer[] = [portrait, fast, turbo];

/** Trainers that fal has ended. */
export const retiredTrainers: readonly RetiredTrainer[] = [fluxPro];

/** The settings a client asks for, by their public names; what is left out is decided by preset and trainer. */
export type AskedSettings = { readonly [name in SettingName]?: SettingValue | undefined };

/**
 * Chooses the trainer for a training type. Styles and objects go to the fast trainer, and to turbo when a learning rate
 * is asked for, since fast takes none.
 * @throws Problem 422 `trainer-retired` for `finetune_type: dreambooth`
 */
export function chooseTrainer(trainingType: TrainingType, asked: AskedSettings): Trainer {
  if (asked.finetune_type === 'dreambooth') throw trainerRetired(fluxPro);
  if (trainingType === 'portrait') return portrait;
  return asked.learning_rate === undefined ? fast : turbo;
}

/**
 * @returns the trainer of a stored training
 * @throws Error when no trainer has this name
 */
export function trainerNamed(name: string): Trainer {
  const trainer = trainers.find((candidate) => candidate.name === name);
  if (!trainer) throw new Error(`There is no trainer named ${name}`);
  return trainer;
}

/**
 * How many photos an avatar needs and takes. All trainers of one training type agree on it.
 * @param trainingType null for avatars of the earlier system, which trained portraits when nothing was said
 */
export function photoLimits(trainingType: TrainingType | null): { minimum: number; maximum: number } {
  return chooseTrainer(trainingType ?? 'portrait', {}).photos;
}

function trainerRetired({ name, endpoint, retired_reason: reason }: RetiredTrainer): Problem {
  return new Problem(
    'trainer-retired',
    `finetune_type dreambooth was trained by ${endpoint}: ${reason} Leave finetune_type out, or say lora.`,
    {
      errors: [{ field: '/finetune_type', code: 'trainer-retired', detail: 'must be lora, or be left out' }],
      extensions: { trainer: name, endpoint },
    },
  );
}

import type { TrainingType } from '../../platform/db/schema.ts';
import { Problem } from '../../errors.ts';
import { fast } from './fast.ts';
import { fluxPro } from './flux-pro.ts';
import { portrait } from './portrait.ts';
import type { RetiredTrainer, SettingName, SettingValue, Trainer } from './trainer.ts';
import { turbo } from './turbo.ts';

/** The trainers that can be chosen. To add one: its file, and its name here. */
export const trainers: readonly Trainer[] = [portrait, fast, turbo];

export const retiredTrainers: readonly RetiredTrainer[] = [fluxPro];

export type AskedSettings = { readonly [name in SettingName]?: SettingValue | undefined };

/**
 * Chooses the trainer for a training type. Styles and objects use the fast trainer, or turbo when a learning rate is
 * given, since fast takes none.
 * @throws Problem 422 `trainer-retired` for `finetune_type: dreambooth`
 */
export function chooseTrainer(trainingType: TrainingType, asked: AskedSettings): Trainer {
  if (asked.finetune_type === 'dreambooth') throw trainerRetired(fluxPro);
  if (trainingType === 'portrait') return portrait;
  return asked.learning_rate === undefined ? fast : turbo;
}

/** @throws Error when no trainer has this name */
export function trainerNamed(name: string): Trainer {
  const trainer = trainers.find((candidate) => candidate.name === name);
  if (!trainer) throw new Error(`There is no trainer named ${name}`);
  return trainer;
}

/**
 * The number of photos an avatar needs and takes, which all trainers of one training type share.
 * @param trainingType null for avatars of the earlier system, whose default was a portrait
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

import { fastTrainer } from './fast-training.ts';
import { portraitTrainer } from './portrait.ts';
import type { Trainer } from './trainer.ts';
import { turboTrainer } from './turbo.ts';

export const trainers: readonly Trainer[] = [portraitTrainer, fastTrainer, turboTrainer];

/** Null for unknown apps and for fal-ai/flux-pro-trainer, which fal has ended. */
export function trainerOf(app: string): Trainer | null {
  return trainers.find(({ endpoint }) => endpoint === app) ?? null;
}

import { fastTrainer } from './fast-training.ts';
import { portraitTrainer } from './portrait.ts';
import type { Trainer } from './trainer.ts';
import { turboTrainer } from './turbo.ts';

export const trainers: readonly Trainer[] = [portraitTrainer, fastTrainer, turboTrainer];

/** The trainer of an app, or null; fal-ai/flux-pro-trainer is among the null ones, since fal has ended it. */
export function trainerOf(app: string): Trainer | null {
  return trainers.find(({ endpoint }) => endpoint === app) ?? null;
}

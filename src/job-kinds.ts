import { generationKind } from './features/generations/kind.ts';
import { trainingKind } from './features/trainings/kind.ts';
import type { JobKind } from './fal-jobs/kind.ts';

/** The kinds of paid jobs, quickest and cheapest first. */
export const jobKinds: readonly JobKind[] = [generationKind, trainingKind];

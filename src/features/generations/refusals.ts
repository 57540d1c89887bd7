import type { ProblemCode } from '../../errors.ts';

/** The problems that the start of generations can answer with. */
export const startRefusals = [
  'not-found',
  'avatar-not-trained',
  'lora-unavailable',
  'duplicate-generation',
  'quota-exceeded',
  'invalid-setting',
  'prompt-too-long',
  'prompt-placeholder',
  'model-retired',
  'queue-full',
  'submission-limit-reached',
  'key-needed',
] as const satisfies readonly ProblemCode[];

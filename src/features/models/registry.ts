import { Problem } from '../../errors.ts';
import { fluxLora } from './flux-lora.ts';
import type { Model, RetiredModel } from './model.ts';

/** The models that can be chosen. To add one: its file, and its name here. */
export const models: readonly Model[] = [fluxLora];

/** The endpoint of the earlier system's styles. */
export const retiredModels: readonly RetiredModel[] = [
  {
    name: 'flux-pro-finetuned',
    endpoint: 'fal-ai/flux-pro/v1.1-ultra-finetuned',
    status: 'retired',
    description: 'The model of the finetunes of fal-ai/flux-pro-trainer.',
    retired_reason: 'fal has ended the trainer of its finetunes: train the avatar again.',
  },
];

export const defaultModel = fluxLora;

/** @throws Error when no model has this name */
export function modelNamed(name: string): Model {
  const model = models.find((candidate) => candidate.name === name);
  if (!model) throw new Error(`There is no model named ${name}`);
  return model;
}

/**
 * The model that a request names, or the default.
 * @throws Problem 422 `model-retired`, `invalid-setting`
 */
export function chooseModel(name: string = defaultModel.name): Model {
  const model = models.find((candidate) => candidate.name === name);
  if (model) return model;
  const taken = models.map((known) => known.name).join(' or ');
  const errors = (code: string) => [{ field: '/model', code, detail: `must be ${taken}, or be left out` }];
  const retired = retiredModels.find((candidate) => candidate.name === name);
  if (retired) {
    throw new Problem('model-retired', `${name} is retired: ${retired.retired_reason}`, {
      errors: errors('model-retired'),
      extensions: { model: name, endpoint: retired.endpoint },
    });
  }
  throw new Problem('invalid-setting', `There is no such model: model must be ${taken}, or be left out.`, {
    errors: errors('out-of-range'),
  });
}

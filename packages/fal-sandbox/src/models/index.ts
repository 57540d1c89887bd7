import { fluxLora } from './flux-lora.ts';
import type { Model } from './model.ts';

export const models: readonly Model[] = [fluxLora];

export function modelOf(app: string): Model | null {
  return models.find(({ endpoint }) => endpoint === app) ?? null;
}

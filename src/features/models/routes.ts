import type { Static } from 'typebox';
import { answers } from '../../platform/http/answers.ts';
import type { RouteScope } from '../../platform/http/route-scope.ts';
import { aspectRatios, type Model, modelSettingNames, type RetiredModel } from './model.ts';
import { models, retiredModels } from './registry.ts';
import { ModelList, type ModelSchema } from './schemas.ts';

export async function modelRoutes(app: RouteScope): Promise<void> {
  const list = { data: [...models, ...retiredModels].map(shown), next_cursor: null };
  app.get(
    '/v1/models',
    {
      config: { scope: 'avatars:read' },
      schema: {
        operationId: 'listModels',
        summary: 'List models',
        description: 'Models that make images, with settings, presets, sizes and prices; retired models come last.',
        tags: ['models'],
        response: answers({ 200: ModelList }),
      },
    },
    async () => list,
  );
}

function shown(model: Model | RetiredModel): Static<typeof ModelSchema> {
  const active = model.status === 'active' ? model : null;
  return {
    name: model.name,
    endpoint: model.endpoint,
    status: model.status,
    description: model.description,
    base: active?.base ?? null,
    settings: active ? settingsOf(active) : [],
    presets: active?.presets ?? null,
    default_preset: active?.default_preset ?? null,
    num_images: active?.images ?? null,
    sizes: active ? aspectRatios.map((aspect_ratio) => ({ aspect_ratio, ...active.sizes[aspect_ratio] })) : [],
    default_aspect_ratio: active?.default_aspect_ratio ?? null,
    side: active?.side ?? null,
    price_per_megapixel_usd: active?.price_per_megapixel_usd ?? null,
    pixels_per_megapixel: active?.pixels_per_unit ?? null,
    price_note: active?.price_note ?? null,
    longest_run_seconds: active?.longest_run_seconds ?? null,
    retired_reason: model.status === 'retired' ? model.retired_reason : null,
  };
}

function settingsOf(model: Model): Static<typeof ModelSchema>['settings'] {
  return modelSettingNames.flatMap((name) => {
    const setting = model.settings[name];
    if (!setting) return [];
    const { type, minimum = null, maximum = null, values, default: value, description } = setting;
    return [{ name, type, minimum, maximum, values: values ? [...values] : null, default: value, description }];
  });
}

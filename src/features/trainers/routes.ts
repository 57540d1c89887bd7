import type { Static } from 'typebox';
import { answers } from '../../platform/http/answers.ts';
import type { RouteScope } from '../../platform/http/route-scope.ts';
import { retiredTrainers, trainers } from './registry.ts';
import { TrainerList, type TrainerSchema } from './schemas.ts';
import { type RetiredTrainer, settingNames, type Trainer } from './trainer.ts';

export async function trainerRoutes(app: RouteScope): Promise<void> {
  const list = { data: [...trainers, ...retiredTrainers].map(shown), next_cursor: null };
  app.get(
    '/v1/trainers',
    {
      config: { scope: 'avatars:read' },
      schema: {
        operationId: 'listTrainers',
        summary: 'List trainers',
        description:
          'Trainers with settings, ranges, defaults, presets, photo limits and prices; retired trainers come last.',
        tags: ['trainers'],
        response: answers({ 200: TrainerList }),
      },
    },
    async () => list,
  );
}

function shown(trainer: Trainer | RetiredTrainer): Static<typeof TrainerSchema> {
  const active = trainer.status === 'active' ? trainer : null;
  return {
    name: trainer.name,
    endpoint: trainer.endpoint,
    status: trainer.status,
    description: trainer.description,
    training_types: [...trainer.training_types],
    base: active?.base ?? null,
    settings: settingNames.flatMap((name) => {
      const setting = trainer.settings[name];
      if (!setting) return [];
      return [
        {
          name,
          type: setting.type,
          minimum: setting.minimum ?? null,
          maximum: setting.maximum ?? null,
          max_length: setting.max_length ?? null,
          default: setting.default,
          training_types: [...(setting.training_types ?? trainer.training_types)],
          description: setting.description,
        },
      ];
    }),
    photos: active?.photos ?? null,
    presets: active?.presets ?? null,
    default_preset: active?.default_preset ?? null,
    price_per_step_usd: active?.price_per_step_usd ?? null,
    price_note: active?.price_note ?? null,
    longest_run_seconds: active?.longest_run_seconds ?? null,
    retired_reason: trainer.status === 'retired' ? trainer.retired_reason : null,
  };
}

import { Problem } from '../../errors.ts';
import type { AspectRatio } from '../models/model.ts';
import { modelNamed } from '../models/registry.ts';
import type { AskedImages } from '../models/settings.ts';
import type { PresetName } from '../trainers/trainer.ts';
import type { Asked } from './plan.ts';
import type { Generation } from './store.ts';

export type Changes = Omit<AskedImages, 'seed'> & {
  seed?: number | 'same' | undefined;
  lora: 'same' | 'latest';
  fal_priority?: Asked['fal_priority'];
};

/**
 * What repeating a generation asks for: its own request with changes, and a new seed unless one is named.
 * @throws Problem 409 `invalid-state` when its avatar or its prompt was deleted
 */
export function repeated(generation: Generation, { seed, lora, ...changes }: Changes): Asked & { avatarId: string } {
  const { avatar_id: avatarId, prompt, training_id } = generation;
  if (avatarId === null || prompt === null) {
    const gone = avatarId === null ? 'avatar of this generation was deleted' : 'prompt of this generation was deleted';
    throw new Problem('invalid-state', `The ${gone}: there is nothing to repeat.`, {
      extensions: { generation_id: generation.id, generation_status: generation.status },
    });
  }
  return {
    avatarId,
    prompt,
    raw_prompt: generation.trigger === 'none',
    model: generation.model,
    training_id: lora === 'same' ? (training_id ?? undefined) : undefined,
    num_images: generation.num_images,
    ...keptSettings(generation, changes.preset),
    ...keptSize(generation, changes),
    ...defined(changes),
    seed: seed === 'same' ? generation.seed : seed,
  };
}

// Another preset decides what it names; other settings stay.
function keptSettings({ settings, model, preset }: Generation, asked: PresetName | undefined): AskedImages {
  const { settings: known, presets } = modelNamed(model);
  const named = asked === undefined ? {} : presets[asked];
  const kept = Object.entries(settings).filter(([name]) => name in known && !(name in named));
  return { ...Object.fromEntries(kept), preset: preset as PresetName };
}

function keptSize({ aspect_ratio, width, height }: Generation, changes: AskedImages): AskedImages {
  const isChanged = [changes.aspect_ratio, changes.width, changes.height].some((value) => value !== undefined);
  if (isChanged) return {};
  return aspect_ratio === null ? { width, height } : { aspect_ratio: aspect_ratio as AspectRatio };
}

function defined<T extends object>(members: T): T {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T;
}

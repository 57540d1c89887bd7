import { Problem, type ProblemItem } from '../../errors.ts';
import type { GenerationSettings } from '../../platform/db/schema.ts';
import { faultOf, type PresetName, type SettingValue } from '../trainers/trainer.ts';
import { type AspectRatio, type Model, type ModelSettingName, modelSettingNames, type Size } from './model.ts';
import { models } from './registry.ts';

export type AskedImages = { readonly [name in ModelSettingName]?: SettingValue | undefined } & {
  preset?: PresetName | undefined;
  num_images?: number | undefined;
  seed?: number | undefined;
  aspect_ratio?: AspectRatio | undefined;
  width?: number | undefined;
  height?: number | undefined;
};

/** `seed` is null where none was asked for; `aspectRatio` is null for an own size. */
export type ResolvedImages = Size & {
  preset: PresetName;
  settings: GenerationSettings;
  aspectRatio: AspectRatio | null;
  numImages: number;
  seed: number | null;
};

const maxSeed = 4_294_967_295;

/**
 * Resolves what a job of images is made with: the request's, else the preset's, else the model's default.
 * @throws Problem 422 `invalid-setting` naming each member that the model does not know or that is out of its range
 */
export function resolveImages(model: Model, asked: AskedImages): ResolvedImages {
  const { preset = model.default_preset, num_images: numImages = model.images.minimum, seed = null } = asked;
  const faults = [
    ...settingFaults(model, asked),
    ...rangeFault('num_images', numImages, model.images.minimum, model.images.maximum),
    ...(seed === null ? [] : rangeFault('seed', seed, 0, maxSeed)),
    ...sizeFaults(model, asked),
  ];
  if (faults.length > 0) throw invalidSetting(model, faults);
  const settings: GenerationSettings = {};
  for (const name of modelSettingNames) {
    const setting = model.settings[name];
    if (setting) settings[name] = asked[name] ?? model.presets[preset][name] ?? setting.default;
  }
  return { preset, settings: { ...settings, ...model.fixed_settings }, ...sizeOf(model, asked), numImages, seed };
}

/** USD by the model's price, rounded to a millionth. Each image is billed by whole megapixels. */
export function estimateImages(
  { price_per_megapixel_usd: price, pixels_per_unit: pixels }: Model,
  { width, height, numImages }: Size & { numImages: number },
): number {
  return Math.round(numImages * Math.ceil((width * height) / pixels) * price * 1e6) / 1e6;
}

function sizeOf(
  model: Model,
  { aspect_ratio, width, height }: AskedImages,
): Size & { aspectRatio: AspectRatio | null } {
  if (width !== undefined && height !== undefined) return { width, height, aspectRatio: null };
  const aspectRatio = aspect_ratio ?? model.default_aspect_ratio;
  return { ...model.sizes[aspectRatio], aspectRatio };
}

function settingFaults(model: Model, asked: AskedImages): ProblemItem[] {
  return modelSettingNames.flatMap((name): ProblemItem[] => {
    const value = asked[name];
    if (value === undefined) return [];
    const setting = model.settings[name];
    const detail = setting ? faultOf(setting, value) : unknownTo(model, name);
    return detail === null ? [] : [{ field: `/${name}`, code: setting ? 'out-of-range' : 'unknown-setting', detail }];
  });
}

function unknownTo({ name: model }: Model, name: ModelSettingName): string {
  const known = models.filter(({ settings }) => settings[name]).map((other) => other.name);
  return `is not a setting of ${model}; models that know it: ${known.join(', ') || 'none'}`;
}

function rangeFault(field: string, value: number, minimum: number, maximum: number): ProblemItem[] {
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return [];
  return [{ field: `/${field}`, code: 'out-of-range', detail: `must be a whole number from ${minimum} to ${maximum}` }];
}

function sizeFaults(model: Model, { aspect_ratio, width, height }: AskedImages): ProblemItem[] {
  if (width === undefined && height === undefined) return [];
  const fault = (field: string, detail: string) => ({ field: `/${field}`, code: 'out-of-range', detail });
  if (width === undefined || height === undefined) {
    const missing = width === undefined ? 'width' : 'height';
    return [fault(missing, 'is missing: send width and height, or aspect_ratio')];
  }
  const sides = { width, height };
  return [
    ...(aspect_ratio === undefined
      ? []
      : [fault('aspect_ratio', 'can’t stand beside width and height: send one or the other')]),
    ...(['width', 'height'] as const).flatMap((name) => {
      const detail = sideFault(model, sides[name]);
      return detail === null ? [] : [fault(name, detail)];
    }),
  ];
}

// fal floors sides without a word, so that nothing is rounded here either.
function sideFault({ side: { minimum, maximum, multiple_of: multiple } }: Model, value: number): string | null {
  const range = `must be from ${minimum} to ${maximum} pixels, in multiples of ${multiple}`;
  if (value < minimum || value > maximum) return range;
  const below = Math.floor(value / multiple) * multiple;
  return below === value ? null : `${range}: the nearest to ${value} are ${below} and ${below + multiple}`;
}

function invalidSetting({ name, endpoint }: Model, errors: ProblemItem[]): Problem {
  const sentences = errors.map(({ field, detail }) => `${field.slice(1)} ${detail}.`);
  return new Problem('invalid-setting', sentences.join(' '), { errors, extensions: { model: name, endpoint } });
}

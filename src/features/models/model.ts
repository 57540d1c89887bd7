import type { GenerationSettings } from '../../platform/db/schema.ts';
import { type Base, faultOf, type PresetName, type Setting, type SettingValue } from '../trainers/trainer.ts';

/** Settings of all models, under their names in the API. */
export const modelSettingNames = ['steps', 'guidance_scale', 'lora_scale', 'output_format'] as const;
export type ModelSettingName = (typeof modelSettingNames)[number];
export type ModelSetting = Omit<Setting, 'training_types'> & { default: SettingValue };

/** Width:height. */
export const aspectRatios = ['1:1', '4:3', '3:4', '5:4', '4:5', '3:2', '2:3', '16:9', '9:16', '21:9'] as const;
export type AspectRatio = (typeof aspectRatios)[number];
/** Pixels. */
export type Size = { width: number; height: number };

/** What decides the input of a job; `finalPrompt` bears the trigger phrase, `seed` is a uint32. */
export type ImageJob = Size & {
  finalPrompt: string;
  numImages: number;
  seed: number;
  settings: GenerationSettings;
  loraUrl: string;
};

/** What a result of fal holds, in its order. `flagged`: fal's safety checker put a black picture in its place. */
export type ModelOutput = { images: { url: string; flagged: boolean }[]; seed: number | null; prompt: string | null };

type Common = { name: string; endpoint: string; description: string };

export type Model = Common & {
  status: 'active';
  /** The base model, which the LoRA's trainer must share. */
  base: Base;
  settings: { readonly [name in ModelSettingName]?: ModelSetting };
  presets: Readonly<Record<PresetName, { readonly [name in ModelSettingName]?: SettingValue }>>;
  default_preset: PresetName;
  /** Settings that no client sets, stored and shown with the others. */
  fixed_settings: Readonly<Record<string, SettingValue>>;
  images: { minimum: number; maximum: number };
  sizes: Readonly<Record<AspectRatio, Size>>;
  default_aspect_ratio: AspectRatio;
  /** Sides of own sizes, in pixels. */
  side: { minimum: number; maximum: number; multiple_of: number };
  price_per_megapixel_usd: number;
  /** Each image is billed by this many pixels, the last of them in full. */
  pixels_per_unit: number;
  price_note: string;
  /** A job that runs longer, counted from fal's start of it, fails. */
  longest_run_seconds: number;
  /** The exact input of a job; every argument is explicit, so that a changed default of fal's has no effect. */
  input(job: ImageJob): Record<string, unknown>;
  /** @returns null when a result holds no image */
  output(result: unknown): ModelOutput | null;
};

/** An endpoint that fal has ended, or whose weights can no longer be made. */
export type RetiredModel = Common & { status: 'retired'; retired_reason: string };

/** @throws Error when a default, a preset or a size is out of the model's own ranges */
export function defineModel(record: Omit<Model, 'status'>): Model {
  const given = [
    ...Object.entries(record.settings).map(([name, { default: value }]) => ({ name, value, where: 'default' })),
    ...Object.entries(record.presets).flatMap(([preset, values]) =>
      Object.entries(values).map(([name, value]) => ({ name, value, where: preset })),
    ),
  ];
  for (const { name, value, where } of given) {
    const setting = record.settings[name as ModelSettingName];
    const fault = setting ? faultOf(setting, value) : 'is not its setting';
    if (fault) throw new Error(`${where} of ${record.name}: ${name} ${fault}`);
  }
  for (const [ratio, { width, height }] of Object.entries(record.sizes)) {
    const [across = 0, down = 0] = ratio.split(':').map(Number);
    const multiple = record.side.multiple_of;
    if (width * down === height * across && width % multiple === 0 && height % multiple === 0) continue;
    throw new Error(`${width}×${height} of ${record.name} is not ${ratio} in multiples of ${multiple}`);
  }
  return { status: 'active', ...record };
}

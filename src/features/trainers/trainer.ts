import type { TrainingType } from '../../platform/db/schema.ts';

export const presetNames = ['fast', 'balanced', 'quality'] as const;
export type PresetName = (typeof presetNames)[number];

/** Settings of all trainers, under their names in the API and the avatar's columns. */
export const settingNames = [
  'steps',
  'learning_rate',
  'trigger_phrase',
  'multiresolution_training',
  'subject_crop',
  'create_masks',
  'captioning',
  'finetune_type',
  'finetune_comment',
] as const;
export type SettingName = (typeof settingNames)[number];
export type SettingValue = string | number | boolean;

/** Base models that a LoRA is made for; it has no effect on another one. */
export type Base = 'flux1-dev';

/** An argument of a fal endpoint that clients may set. */
export type Setting = {
  /** fal's name, where it differs from ours. */
  fal_name?: string;
  type: 'integer' | 'number' | 'boolean' | 'string';
  minimum?: number;
  maximum?: number;
  max_length?: number;
  /** The texts that are taken, where not every text is. */
  values?: readonly string[];
  /** Null where the avatar supplies the value: the trigger phrase. */
  default: SettingValue | null;
  description: string;
  /** Training types that have the setting; default: all of the trainer's. */
  training_types?: readonly TrainingType[];
};
export type Settings = { readonly [name in SettingName]?: Setting };

type Common = {
  name: string;
  endpoint: string;
  training_types: readonly TrainingType[];
  settings: Settings;
  description: string;
};

export type Trainer = Common & {
  status: 'active';
  /** The model that the LoRA is made for. */
  base: Base;
  archive_argument: string;
  /** Arguments that the training type decides and no client sets. */
  fixed_arguments: { readonly [type in TrainingType]?: Readonly<Record<string, SettingValue>> };
  photos: { minimum: number; maximum: number };
  presets: Readonly<Record<PresetName, { readonly [name in SettingName]?: SettingValue }>>;
  default_preset: PresetName;
  price_per_step_usd: number;
  price_note: string;
  /** A job that runs longer, counted from fal's start of it, fails. */
  longest_run_seconds: number;
  /** The members of fal's result that hold the files. */
  outputs: { lora: string; config: string };
};

/** An endpoint that fal has ended; listed so that its settings are refused with a reason. */
export type RetiredTrainer = Common & { status: 'retired'; retired_reason: string };

/**
 * Defines a trainer. @throws Error when a preset or default is out of its setting's range, or a setting has no range
 */
export function defineTrainer(record: Omit<Trainer, 'status'>): Trainer {
  for (const [name, values] of Object.entries(record.presets)) {
    for (const [setting, value] of Object.entries(values)) {
      const known = record.settings[setting as SettingName];
      if (!known) throw new Error(`Preset ${name} of ${record.name} sets ${setting}, which it does not have`);
      const fault = faultOf(known, value);
      if (fault) throw new Error(`Preset ${name} of ${record.name}: ${setting} ${fault}`);
    }
  }
  for (const [name, setting] of Object.entries(record.settings)) {
    const fault = setting.default === null ? null : faultOf(setting, setting.default);
    if (fault) throw new Error(`The default of ${name} of ${record.name} ${fault}`);
  }
  return { status: 'active', ...record };
}

/** Why a setting does not take a value, as the end of a sentence; null when it does. */
export function faultOf(setting: Omit<Setting, 'training_types'>, value: unknown): string | null {
  const { minimum = -Infinity, maximum = Infinity, max_length: maxLength = Infinity } = setting;
  switch (setting.type) {
    case 'boolean':
      return typeof value === 'boolean' ? null : 'must be true or false';
    case 'string':
      if (setting.values)
        return setting.values.some((taken) => taken === value) ? null : `must be ${setting.values.join(' or ')}`;
      if (typeof value !== 'string' || value.trim() === '') return 'must be a text that is not empty';
      return Array.from(value).length > maxLength ? `must have ${maxLength} characters at most` : null;
    default: {
      const fits =
        typeof value === 'number' &&
        value >= minimum &&
        value <= maximum &&
        (setting.type === 'number' || Number.isInteger(value));
      return fits
        ? null
        : `must be ${setting.type === 'integer' ? 'a whole number' : 'a number'} from ${minimum} to ${maximum}`;
    }
  }
}

/** The settings of a trainer that a training type has, in the order in which they are sent. */
export function settingsFor(
  trainer: Trainer | RetiredTrainer,
  trainingType: TrainingType,
): { name: SettingName; setting: Setting }[] {
  return settingNames.flatMap((name) => {
    const setting = trainer.settings[name];
    return setting && (setting.training_types ?? trainer.training_types).includes(trainingType)
      ? [{ name, setting }]
      : [];
  });
}

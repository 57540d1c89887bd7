import type { FinetuneType, TrainingType } from '../../platform/db/schema.ts';
import { Problem, type ProblemItem } from '../../errors.ts';
import { type AskedSettings, retiredTrainers, trainers } from './registry.ts';
import {
  faultOf,
  type PresetName,
  type SettingName,
  type SettingValue,
  settingNames,
  settingsFor,
  type Trainer,
} from './trainer.ts';

export type ResolvedSettings = Partial<Record<SettingName, SettingValue>>;

export type SettingColumns = {
  learning_rate: number | null;
  trigger_phrase: string | null;
  steps: number | null;
  multiresolution_training: boolean | null;
  subject_crop: boolean | null;
  create_masks: boolean | null;
  captioning: boolean | null;
  finetune_type: FinetuneType | null;
  finetune_comment: string | null;
};

/**
 * Resolves every setting of a training: the request's, else the preset's, else the trainer's default.
 * @param asked by public name; `finetune_type: lora` is not sent, since every trainer makes one
 * @param defaults the trainer's preset, and the avatar's trigger phrase
 * @returns the settings, and the avatar's columns for them
 * @throws Problem 422 `invalid-setting` naming each setting that is unknown to the trainer or out of its range
 */
export function resolveSettings(
  trainer: Trainer,
  trainingType: TrainingType,
  asked: AskedSettings & { preset?: PresetName | undefined },
  defaults: { defaultTriggerPhrase: string },
): { settings: ResolvedSettings; columns: SettingColumns } {
  const known = settingsFor(trainer, trainingType);
  const faults = settingNames.flatMap((name): ProblemItem[] => {
    const value = asked[name];
    if (value === undefined || (name === 'finetune_type' && value === 'lora')) return [];
    const setting = known.find((entry) => entry.name === name)?.setting;
    const detail = setting ? faultOf(setting, value) : unknownTo(trainer, trainingType, name);
    return detail === null ? [] : [{ field: `/${name}`, code: setting ? 'out-of-range' : 'unknown-setting', detail }];
  });
  if (faults.length > 0) throw invalidSettings(trainer, trainingType, faults);

  const preset = trainer.presets[asked.preset ?? trainer.default_preset];
  const settings: ResolvedSettings = {};
  for (const { name, setting } of known) {
    settings[name] = asked[name] ?? preset[name] ?? setting.default ?? defaults.defaultTriggerPhrase;
  }
  return { settings, columns: projectColumns(settings) };
}

export function projectColumns(settings: ResolvedSettings): SettingColumns {
  const of = <T extends 'number' | 'string' | 'boolean'>(name: SettingName, type: T) => typed(settings[name], type);
  return {
    learning_rate: of('learning_rate', 'number'),
    trigger_phrase: of('trigger_phrase', 'string'),
    steps: of('steps', 'number'),
    multiresolution_training: of('multiresolution_training', 'boolean'),
    subject_crop: of('subject_crop', 'boolean'),
    create_masks: of('create_masks', 'boolean'),
    captioning: of('captioning', 'boolean'),
    // All current trainers make LoRAs.
    finetune_type: null,
    finetune_comment: of('finetune_comment', 'string'),
  };
}

/**
 * The input of the job. Every argument is explicit, so that a changed default of fal's has no effect.
 * @param settings from {@link resolveSettings}
 * @returns the arguments in a fixed order: archive, settings, those fixed by the training type
 */
export function buildInput(
  trainer: Trainer,
  trainingType: TrainingType,
  settings: ResolvedSettings,
  archiveUrl: string,
): Record<string, unknown> {
  const input: Record<string, unknown> = { [trainer.archive_argument]: archiveUrl };
  for (const { name, setting } of settingsFor(trainer, trainingType)) {
    input[setting.fal_name ?? name] = settings[name];
  }
  return { ...input, ...trainer.fixed_arguments[trainingType] };
}

/** USD by the trainer's price, rounded to a millionth. */
export function estimateCost(trainer: Trainer, { steps }: ResolvedSettings): number {
  return typeof steps === 'number' ? Math.round(steps * trainer.price_per_step_usd * 1e6) / 1e6 : 0;
}

function invalidSettings(trainer: Trainer, trainingType: TrainingType, faults: ProblemItem[]): Problem {
  const sentences = faults.map(({ field, detail }) => `${field.slice(1)} ${detail}.`);
  return new Problem('invalid-setting', sentences.join(' '), {
    errors: faults,
    extensions: { trainer: trainer.name, endpoint: trainer.endpoint, training_type: trainingType },
  });
}

function unknownTo(trainer: Trainer, trainingType: TrainingType, name: SettingName): string {
  const active = trainers.flatMap((other) => {
    const setting = other.settings[name];
    return setting ? [`${other.name} (${(setting.training_types ?? other.training_types).join(', ')})`] : [];
  });
  const retired = retiredTrainers.flatMap((other) => (other.settings[name] ? [`${other.name} (retired)`] : []));
  const hint =
    trainer.name === 'turbo' && name === 'create_masks' ? '; leave learning_rate out to train with fast' : '';
  return (
    `is not a setting of ${trainer.name}, which trains this ${trainingType}; ` +
    `trainers that know it: ${[...active, ...retired].join(', ')}${hint}`
  );
}

type Values = { number: number; string: string; boolean: boolean };

function typed<T extends keyof Values>(value: SettingValue | undefined, type: T): Values[T] | null {
  const is = (candidate: unknown): candidate is Values[T] => typeof candidate === type;
  return is(value) ? value : null;
}

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

/** What a training is run with: every setting of its trainer, none of another's. */
export type ResolvedSettings = Partial<Record<SettingName, SettingValue>>;

/** The avatar's columns that say what was sent; null where the trainer has no such setting. */
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
 * Decides every setting of a training: what is asked for, else the preset's, else the trainer's default.
 * @param asked by public name; `finetune_type: lora` is what every trainer makes, and is not sent
 * @param defaults `preset` when none is asked for is the trainer's own; `triggerPhrase` is the avatar's
 * @returns the settings, and the same as the avatar's columns
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

/** @returns the values of the avatar's columns for settings that are sent */
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
    // No trainer that is left takes it: all of them make LoRAs.
    finetune_type: null,
    finetune_comment: of('finetune_comment', 'string'),
  };
}

/**
 * The input of the job, every argument said outright so that a default of fal's that changes changes nothing here.
 * @param settings as {@link resolveSettings} made them
 * @param archiveUrl where fal fetches the photos
 * @returns the arguments in a fixed order: archive, settings, what the training type decides
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

/** @returns what a training costs in USD by the trainer's price, rounded to a millionth */
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

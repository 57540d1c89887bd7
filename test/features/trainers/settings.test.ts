import { t } from '../../support/tap.ts';
import { avatars, type TrainingType } from '../../../src/platform/db/schema.ts';
import { Problem } from '../../../src/errors.ts';
import {
  type AskedSettings,
  chooseTrainer,
  photoLimits,
  trainerNamed,
} from '../../../src/features/trainers/registry.ts';
import { buildInput, estimateCost, resolveSettings } from '../../../src/features/trainers/settings.ts';
import { defineTrainer, type PresetName } from '../../../src/features/trainers/trainer.ts';

const archive = 'https://files.example/photos.zip';
const defaults = { defaultTriggerPhrase: 'TOK' };
type Asked = AskedSettings & { preset?: PresetName };

function run(type: TrainingType, asked: Asked = {}) {
  const trainer = chooseTrainer(type, asked);
  const { settings, columns } = resolveSettings(trainer, type, asked, defaults);
  return { trainer, settings, columns, input: buildInput(trainer, type, settings, archive) };
}

function problemOf(run: () => unknown): Problem {
  try {
    run();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

t.test('each training type is sent to its trainer with every argument said, in a fixed order', async (t) => {
  const cases: [TrainingType, Asked, string, string][] = [
    [
      'portrait',
      {},
      'fal-ai/flux-lora-portrait-trainer',
      `{"images_data_url":"${archive}","steps":2500,"learning_rate":0.00009,"trigger_phrase":"TOK","multiresolution_training":true,"subject_crop":true,"create_masks":false,"resume_from_checkpoint":""}`,
    ],
    [
      'style',
      {},
      'fal-ai/flux-lora-fast-training',
      `{"images_data_url":"${archive}","steps":1000,"trigger_word":"TOK","create_masks":false,"is_style":true,"is_input_format_already_preprocessed":false}`,
    ],
    [
      'object',
      { create_masks: false },
      'fal-ai/flux-lora-fast-training',
      `{"images_data_url":"${archive}","steps":1000,"trigger_word":"TOK","create_masks":false,"is_style":false,"is_input_format_already_preprocessed":false}`,
    ],
    [
      'style',
      { learning_rate: 0.001 },
      'fal-ai/turbo-flux-trainer',
      `{"images_data_url":"${archive}","steps":1000,"learning_rate":0.001,"trigger_phrase":"TOK","training_style":"style","face_crop":false}`,
    ],
    [
      'object',
      { learning_rate: 0.001, trigger_phrase: 'ohwx', steps: 7 },
      'fal-ai/turbo-flux-trainer',
      `{"images_data_url":"${archive}","steps":7,"learning_rate":0.001,"trigger_phrase":"ohwx","training_style":"subject","face_crop":false}`,
    ],
  ];
  for (const [type, asked, endpoint, input] of cases) {
    const made = run(type, asked);
    t.equal(made.trainer.endpoint, endpoint, `${type} ${JSON.stringify(asked)}`);
    t.equal(JSON.stringify(made.input), input);
  }
});

t.test('columns hold what is sent and null where the trainer has no such setting', async (t) => {
  t.same(run('portrait').columns, {
    learning_rate: 9e-5,
    trigger_phrase: 'TOK',
    steps: 2500,
    multiresolution_training: true,
    subject_crop: true,
    create_masks: false,
    captioning: null,
    finetune_type: null,
    finetune_comment: null,
  });
  t.same(run('style').columns, {
    learning_rate: null,
    trigger_phrase: 'TOK',
    steps: 1000,
    multiresolution_training: null,
    subject_crop: null,
    create_masks: null,
    captioning: null,
    finetune_type: null,
    finetune_comment: null,
  });
  for (const name of Object.keys(run('object').columns)) t.ok(name in avatars, `${name} is a column of avatars`);
});

t.test('presets fill in, and what is asked for wins', async (t) => {
  const steps = (type: TrainingType, asked: Asked) => run(type, asked).settings.steps;
  const table: [TrainingType, Asked, number][] = [
    ['portrait', { preset: 'fast' }, 1000],
    ['portrait', { preset: 'quality' }, 4000],
    ['style', { preset: 'fast' }, 500],
    ['object', { preset: 'quality' }, 2000],
    ['portrait', { preset: 'quality', steps: 12 }, 12],
  ];
  for (const [type, asked, expected] of table)
    t.equal(steps(type, asked), expected, `${type} ${JSON.stringify(asked)}`);
  t.equal(run('portrait', { preset: 'fast' }).settings.learning_rate, 2e-4);
  t.equal(run('portrait', { preset: 'quality' }).settings.learning_rate, 5e-5);
  t.equal(run('portrait', { preset: 'quality', learning_rate: 1e-4 }).settings.learning_rate, 1e-4);
});

t.test('a setting out of its range is refused with the range', async (t) => {
  const table: [TrainingType, Asked, RegExp][] = [
    ['portrait', { steps: 0 }, /steps must be a whole number from 1 to 10000/],
    ['portrait', { steps: 10_001 }, /from 1 to 10000/],
    ['portrait', { steps: 1.5 }, /whole number/],
    ['portrait', { learning_rate: 0.002 }, /learning_rate must be a number from 0.000001 to 0.001/],
    ['portrait', { learning_rate: Number.NaN }, /learning_rate must be a number/],
    ['style', { learning_rate: 0.02 }, /from 1e-7 to 0.01/],
    ['portrait', { trigger_phrase: 'x'.repeat(256) }, /255 characters at most/],
    ['portrait', { trigger_phrase: '  ' }, /not empty/],
    ['portrait', { create_masks: 'yes' }, /true or false/],
  ];
  for (const [type, asked, words] of table) {
    const problem = problemOf(() => run(type, asked));
    t.equal(problem.code, 'invalid-setting');
    t.match(problem.message, words);
    t.match(problem.errors, [{ field: `/${Object.keys(asked)[0]}`, code: 'out-of-range' }]);
  }
  t.equal(problemOf(() => run('portrait', { steps: 0, learning_rate: 1 })).errors.length, 2, 'all faults at once');
});

t.test('a setting that the trainer does not know is refused with the trainers that do', async (t) => {
  const table: [TrainingType, Asked, RegExp][] = [
    ['style', { subject_crop: true }, /trainers that know it: portrait \(portrait\)\./],
    ['style', { create_masks: true }, /portrait \(portrait\), fast \(object\)\./],
    ['object', { create_masks: true, learning_rate: 0.001 }, /leave learning_rate out to train with fast/],
    ['portrait', { captioning: true }, /flux-pro \(retired\)/],
    ['object', { finetune_comment: 'mine' }, /flux-pro \(retired\)/],
    ['object', { multiresolution_training: false }, /is not a setting of fast, which trains this object/],
  ];
  for (const [type, asked, words] of table) {
    const problem = problemOf(() => run(type, asked));
    t.equal(problem.code, 'invalid-setting');
    t.match(problem.message, words);
    t.match(problem.errors, [{ code: 'unknown-setting' }]);
  }
});

t.test('finetune_type: lora is what all make, dreambooth is retired', async (t) => {
  const { input, columns } = run('portrait', { finetune_type: 'lora' });
  t.notOk('finetune_type' in input, 'not an argument of any trainer');
  t.equal(columns.finetune_type, null);
  const problem = problemOf(() => run('style', { finetune_type: 'dreambooth' }));
  t.equal(problem.code, 'trainer-retired');
  t.equal(problem.statusCode, 422);
  t.match(problem.message, /fal-ai\/flux-pro-trainer/);
});

t.test('a training is priced by its steps', async (t) => {
  const portrait = trainerNamed('portrait');
  t.equal(estimateCost(portrait, { steps: 2500 }), 6);
  t.equal(estimateCost(trainerNamed('fast'), { steps: 7 }), 0.014);
  t.throws(() => trainerNamed('nobody'), /no trainer named nobody/);
});

t.test('all trainers of one training type agree on the number of photos', async (t) => {
  t.same(photoLimits('portrait'), { minimum: 10, maximum: 20 });
  t.same(photoLimits(null), photoLimits('portrait'));
  for (const type of ['style', 'object'] as const) {
    t.same(photoLimits(type), { minimum: 4, maximum: 20 });
    t.same(chooseTrainer(type, { learning_rate: 1 }).photos, photoLimits(type));
  }
});

t.test('a record that contradicts itself is not defined', async (t) => {
  const good = trainerNamed('fast');
  t.throws(
    () => defineTrainer({ ...good, presets: { ...good.presets, fast: { steps: 0 } } }),
    /Preset fast of fast: steps/,
  );
  t.throws(
    () => defineTrainer({ ...good, presets: { ...good.presets, fast: { captioning: true } } }),
    /sets captioning, which it does not have/,
  );
  const steps = { type: 'integer', minimum: 1, maximum: 9, default: 10, description: '' } as const;
  t.throws(() => defineTrainer({ ...good, settings: { steps } }), /steps/);
});

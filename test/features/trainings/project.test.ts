import fc from 'fast-check';
import { t } from '../../support/tap.ts';
import { isTerminal, type SignalKind, signalKinds } from '../../../src/fal-jobs/lifecycle.ts';
import { projection } from '../../../src/features/trainings/project.ts';
import {
  type Avatar,
  aTraining,
  anAvatar,
  anError,
  someArtifacts,
  type Training,
} from '../../../lab/ground/training.ts';
import { brokenAvatar, brokenTraining } from '../../../lab/ground/training-rules.ts';
import { advanced, signalOf } from '../../../lab/ground/signals.ts';

t.test('an avatar shows its latest training, and the artifacts of the latest that succeeded', async (t) => {
  const succeeded = aTraining({
    status: 'succeeded',
    fal_input: { steps: 100 },
    artifacts: someArtifacts('first'),
    ended_at: new Date(1000),
    progress: 100,
    result: {},
  });
  const shown = projection(anAvatar(), succeeded, succeeded);
  t.match(shown, {
    status: 'completed',
    training_progress: 100,
    steps: 100,
    trigger_phrase: 'TOK',
    subject_crop: null,
    diffusers_lora_file_url: 'https://v3.fal.media/files/first/lora',
    config_file_url: 'https://v3.fal.media/files/first/config',
    training_completed_at: new Date(1000),
  });
  const failed = aTraining({
    attempt: 2,
    status: 'failed',
    settings: { steps: 900, trigger_phrase: 'other' },
    fal_input: { steps: 900 },
    error: anError,
    logs: [
      { message: 'one', timestamp: null, level: null },
      { message: 'two', timestamp: null, level: null },
    ],
  });
  t.match(projection({ ...anAvatar(), ...shown }, failed, succeeded), {
    status: 'completed',
    training_error: 'provider-error: The training broke on the side of fal.',
    training_logs: 'one\ntwo',
    steps: 100,
    trigger_phrase: 'TOK',
    trigger_word: 'TOK',
    diffusers_lora_file_url: 'https://v3.fal.media/files/first/lora',
  });
});

t.test(
  'a late result that is accepted of an earlier attempt completes the avatar, though the newest failed',
  async (t) => {
    const failed = aTraining({ attempt: 2, status: 'failed', error: anError, ended_at: new Date(2000) });
    t.equal(projection(anAvatar(), failed, undefined).status, 'error');
    const accepted = aTraining({ status: 'succeeded', artifacts: someArtifacts('first'), ended_at: new Date(1000) });
    t.match(projection(anAvatar({ status: 'error' }), failed, accepted), {
      status: 'completed',
      diffusers_lora_file_url: 'https://v3.fal.media/files/first/lora',
    });
  },
);

t.test('columns say nothing of what was not sent, and never hold a part of an address', async (t) => {
  const queued = projection(anAvatar({ trigger_word: 'mine' }), aTraining(), undefined);
  t.equal(queued.status, 'training');
  t.notOk('steps' in queued, 'nothing was sent yet');
  t.notOk('trigger_word' in queued);
  const long = { ...someArtifacts('x'), config: { ...someArtifacts('x').config, url: `https://x/${'y'.repeat(255)}` } };
  const done = aTraining({
    status: 'succeeded',
    artifacts: long,
    fal_input: {},
    settings: { trigger_phrase: 'z'.repeat(51) },
  });
  const shown = projection(anAvatar(), done, done);
  t.equal(shown.config_file_url, null);
  t.equal(shown.diffusers_lora_file_url, long.lora.url);
  t.equal(shown.trigger_phrase, 'z'.repeat(51));
  t.notOk('trigger_word' in shown, 'a phrase that the column cannot hold stays where it fits');
});

t.test('no order of trainings takes a completed avatar its artifacts', async (t) => {
  const runs = 5000;
  const step = fc.record({
    kind: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom<SignalKind>(...signalKinds) },
      { weight: 3, arbitrary: fc.constantFrom<SignalKind>('prepare', 'submit', 'accepted', 'success', 'artifacts') },
    ),
    /** Which attempt it is about, counted from the newest. */
    back: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat({ max: 3 }) }),
  });
  const steps = fc.array(step, { minLength: 5, maxLength: 60 });
  let completed = 0;
  fc.assert(
    fc.property(fc.constantFrom(anAvatar(), legacy), steps, (avatar, list) => {
      const end = list.reduce(live, { avatar, trainings: [nextTraining([])], seconds: 0 });
      if (end.avatar.status === 'completed') completed += 1;
    }),
    { numRuns: runs },
  );
  t.ok(completed > runs / 10, `${completed} of ${runs} avatars were completed in the end`);
});

/** Completed by the earlier system, of which there is no training. */
const legacy = anAvatar({
  status: 'completed',
  training_completed_at: new Date(500),
  diffusers_lora_file_url: 'https://storage.googleapis.com/old',
  trigger_word: 'OLD',
  steps: 7,
});

const fromFal = new Set<SignalKind>(['accepted', 'in_queue', 'in_progress', 'success', 'failure', 'cancelled']);

type Life = { avatar: Avatar; trainings: Training[]; seconds: number };

function nextTraining(trainings: Training[]): Training {
  const attempt = trainings.length + 1;
  return aTraining({
    id: `training ${attempt}`,
    attempt,
    settings: { steps: attempt * 100, trigger_phrase: `TOK${attempt}` },
  });
}

/** One signal to one training, and the projection after it; a new attempt where the last has ended and nothing moves. */
function live(life: Life, { kind, back }: { kind: SignalKind; back: number }): Life {
  const index = Math.max(0, life.trainings.length - 1 - back);
  const before = life.trainings[index];
  if (!before) throw new Error('an avatar has one training at least');
  // fal says nothing of what it was never sent: a webhook needs a submission's token.
  if (before.submission_id === null && fromFal.has(kind)) return life;
  const seconds = life.seconds + 1;
  const after = advanced(before, signalOf(kind, before), new Date(seconds * 1000));
  const isIdle = after === before && kind === 'prepare' && life.trainings.every(({ status }) => isTerminal(status));
  const trainings = isIdle ? [...life.trainings, nextTraining(life.trainings)] : life.trainings.with(index, after);
  const latest = trainings.at(-1) ?? after;
  const succeeded = trainings.findLast(({ status }) => status === 'succeeded');
  const avatar = { ...life.avatar, ...projection(life.avatar, latest, succeeded) };
  const faults = [...brokenTraining(after), ...brokenAvatar(life.avatar, avatar, latest, succeeded)];
  if (faults.length > 0) throw new Error(`${before.status} by ${kind}: ${faults.join('; ')}`);
  return { avatar, trainings, seconds };
}

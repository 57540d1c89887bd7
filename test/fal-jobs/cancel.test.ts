import { t } from '../support/tap.ts';
import { requestCancel } from '../../src/features/trainings/machine.ts';
import { dryRun, retryTraining, startTraining } from '../../src/features/trainings/start.ts';
import { eagerPolls, startService } from '../support/service.ts';
import { until } from '../support/until.ts';
import { begin, follow } from '../features/trainings/story.ts';

const service = await startService(t, { environment: eagerPolls, sandbox: { settings: { concurrency: 20 } } });
const { app, sandbox, database } = service;
t.beforeEach(async () => {
  sandbox.faults.clear();
  await database.pool.query('delete from provider_circuit');
});

t.test('before it has reached fal it ends at once, free', async (t) => {
  sandbox.faults.set([{ on: 'upload', fault: 'unauthorized', times: 'always' }]);
  const story = await begin(service);
  await story.when('blocked', (row) => row.blocked_reason !== null && row.status === 'queued');
  t.match(await requestCancel(app, story.id), { status: 'cancelled', charged: 'no', cancel_requested_at: null });
  t.match(await requestCancel(app, story.id), { status: 'cancelled' }, 'asking again changes nothing');
  t.match(await story.avatar(), { status: 'cancelled', training_error: null });
  sandbox.faults.clear();
  t.equal(story.posts().length, 0);
});

t.test('while the archive is made it ends at once, and nothing is sent', async (t) => {
  const { stream } = app.storage;
  const held = Promise.withResolvers<void>();
  app.storage.stream = async (key) => {
    await held.promise;
    return stream(key);
  };
  const story = await begin(service);
  await story.is('preparing');
  t.match(await requestCancel(app, story.id), { status: 'cancelled', charged: 'no' });
  const uploads = sandbox.files.uploads().length;
  app.storage.stream = stream;
  held.resolve();
  const next = await begin(service);
  await next.is('in_queue');
  t.equal(sandbox.files.uploads().length, uploads + 1, 'no archive but that of the next was uploaded');
  t.equal(story.posts().length, 0);
  t.match(await story.training(), { status: 'cancelled', submissions: 0 });
});

t.test('in the queue of fal it is fal that ends it', async (t) => {
  for (const cancel of ['completes', 'vanishes'] as const) {
    await t.test(cancel, async (t) => {
      sandbox.settings.cancel = cancel;
      const story = await begin(service);
      const job = await story.job();
      const asked = await requestCancel(app, story.id);
      t.match(asked, { status: 'in_queue', ended_at: null });
      t.ok(asked.cancel_requested_at);
      await until('fal was asked', () => job.cancelRequested);
      await sandbox.clock.advance(1);
      t.match(await story.is('cancelled'), { charged: 'no', error: null });
      t.same((await story.events()).slice(-2), ['training.cancel_requested', 'training.cancelled']);
    });
  }
});

t.test('in the middle of the training it costs what fal says', async (t) => {
  sandbox.settings.cancel = 'completes';
  sandbox.faults.set([{ on: 'webhook', fault: 'none', times: 'always' }]);
  const story = await begin(service, { asked: { steps: 5000 } });
  const job = await story.job();
  await sandbox.clock.advance(60);
  await story.is('in_progress');
  await requestCancel(app, story.id);
  await until('fal was asked', () => job.cancelRequested);
  await sandbox.clock.advance(2);
  t.match(await story.is('cancelled'), { charged: 'no', result_source: 'poll' });
});

t.test('a job that fal finishes all the same has succeeded, and says that it was asked to stop', async (t) => {
  sandbox.settings.cancel = 'ignored';
  const story = await begin(service);
  const job = await story.job();
  await requestCancel(app, story.id);
  await until('fal was asked', () => job.cancelRequested);
  await sandbox.queue.complete(job);
  const done = await story.is('succeeded');
  t.ok(done.cancel_requested_at);
  t.equal((await story.avatar()).status, 'completed');
  await t.rejects(requestCancel(app, story.id), {
    code: 'invalid-state',
    extensions: { training_status: 'succeeded' },
  });
});

t.test(
  'one that fal does not know any more is asked after for a while, and what fal makes of it is kept',
  async (t) => {
    sandbox.settings.cancel = 'ignored';
    sandbox.faults.set([
      { on: 'webhook', fault: 'none', times: 'always' },
      { on: 'status', fault: 'not_found', times: 'always' },
    ]);
    const story = await begin(service);
    const job = await story.job();
    await requestCancel(app, story.id);
    await story.is('cancelled');
    const struck = () => sandbox.faults.list().find(({ on }) => on === 'status')?.struck ?? 0;
    const before = struck();
    await until('fal to be asked twice more', () => struck() >= before + 2);
    sandbox.faults.clear();
    await sandbox.queue.complete(job);
    const { status, charged } = await story.when('the late result', ({ late_artifacts: late }) => late !== null);
    t.same({ status, charged }, { status: 'cancelled', charged: 'yes' });
  },
);

t.test('fal is asked until it has heard', async (t) => {
  sandbox.settings.cancel = 'completes';
  sandbox.faults.set([{ on: 'cancel', fault: 'unavailable' }]);
  const story = await begin(service);
  const job = await story.job();
  await requestCancel(app, story.id);
  await until('fal was asked', () => job.cancelRequested);
  await sandbox.clock.advance(1);
  t.match(await story.is('cancelled'), { charged: 'no' });
});

t.test('while its result is fetched it can no longer be cancelled', async (t) => {
  sandbox.faults.set([{ on: 'file', fault: 'unavailable', times: 'always' }]);
  const story = await begin(service);
  await sandbox.queue.complete(await story.job());
  await story.is('verifying');
  await t.rejects(requestCancel(app, story.id), { code: 'invalid-state', message: /its result is being fetched/ });
  t.equal((await story.training()).cancel_requested_at, null);
});

t.test('a completed avatar stays completed when its next training is cancelled', async (t) => {
  const story = await begin(service);
  await sandbox.queue.complete(await story.job());
  await story.is('succeeded');
  const before = await story.avatar();
  const again = follow(service, (await startTraining(app, story.avatarId, { steps: 7 })).id, story.avatarId);
  t.match(await again.avatar(), { status: 'training', diffusers_lora_file_url: before.diffusers_lora_file_url });
  const job = await again.job();
  await requestCancel(app, again.id);
  await until('fal was asked', () => job.cancelRequested);
  await sandbox.clock.advance(2);
  await again.is('cancelled');
  const { status, steps, trigger_word, diffusers_lora_file_url, fal_response_data } = before;
  t.match(await again.avatar(), { status, steps, trigger_word, diffusers_lora_file_url, fal_response_data });
});

t.test('a retry repeats settings and photos, and refuses what is no longer there', async (t) => {
  sandbox.faults.set([{ on: 'submit', fault: 'not_found' }]);
  const story = await begin(service, {
    trainingType: 'object',
    asked: { steps: 33, create_masks: false, fal_priority: 'high' },
  });
  const failed = await story.is('failed');
  const retry = await retryTraining(app, failed);
  t.match(retry, {
    retry_of: story.id,
    attempt: 2,
    settings: failed.settings,
    photo_manifest: failed.photo_manifest,
    fal_priority: 'high',
  });
  await t.rejects(retryTraining(app, failed), { code: 'training-running', extensions: { training_id: retry.id } });
  const second = follow(service, retry.id, story.avatarId);
  await sandbox.queue.complete(await second.job());
  await t.rejects(retryTraining(app, await second.is('succeeded')), { code: 'invalid-state' });

  const [gone = ''] = story.photoIds;
  await database.pool.query('delete from avatar_photos where id = $1', [gone]);
  await t.rejects(retryTraining(app, failed), { code: 'photos-changed', extensions: { missing_photo_ids: [gone] } });
  t.equal((await story.avatar()).status, 'completed', 'nothing was changed by it');
});

t.test('what cannot be started is refused by name, and nothing is written', async (t) => {
  const story = await begin(service);
  await t.rejects(startTraining(app, story.avatarId, {}), {
    code: 'training-running',
    extensions: { training_id: story.id },
  });
  await t.rejects(dryRun(app, story.avatarId, {}), { code: 'training-running' });
  await sandbox.queue.complete(await story.job());
  await story.is('succeeded');
  await t.rejects(startTraining(app, story.avatarId, { subject_crop: true }), {
    code: 'invalid-setting',
    message: /portrait/,
  });
  await t.rejects(startTraining(app, story.avatarId, { finetune_type: 'dreambooth' }), { code: 'trainer-retired' });
  await t.rejects(startTraining(app, story.avatarId, { steps: 0 }), { code: 'invalid-setting' });
  await database.pool.query('delete from avatar_photos where id = $1', [story.photoIds[0]]);
  await t.rejects(startTraining(app, story.avatarId, {}), {
    code: 'too-few-photos',
    extensions: { photos_count: 3, minimum: 4 },
  });
  await t.rejects(startTraining(app, '01890000-0000-7000-8000-000000000000', {}), { code: 'not-found' });
  const { rows } = await database.pool.query('select count(*)::int as count from trainings where avatar_id = $1', [
    story.avatarId,
  ]);
  t.equal(rows[0].count, 1);
});

import { createHash } from 'node:crypto';
import { t } from '../../support/tap.ts';
import { acceptLateResult, requestCancel } from '../../../src/features/trainings/machine.ts';
import { retryTraining } from '../../../src/features/trainings/start.ts';
import { eagerPolls, type Service, startService } from '../../support/service.ts';
import { begin, follow, type Story } from './story.ts';

const service = await startService(t, { environment: eagerPolls, sandbox: { settings: { concurrency: 20 } } });
const { app, sandbox, config } = service;
t.beforeEach(() => sandbox.faults.clear());

const lora = 'pytorch_lora_weights.safetensors';
const settingsFile = 'config.json';

/** A training whose job has ended well, and whose files are yet to be fetched. */
async function trained(...faults: Parameters<Service['sandbox']['faults']['set']>[0][number][]): Promise<Story> {
  sandbox.faults.set(faults);
  const story = await begin(service);
  await sandbox.queue.complete(await story.job());
  return story;
}

t.test('files that are no LoRA end a training that fal charges for', async (t) => {
  const table = [
    { rule: { fault: 'wrong_bytes', contains: lora }, code: 'artifact-invalid' },
    { rule: { fault: 'empty', contains: lora }, code: 'artifact-invalid' },
    { rule: { fault: 'wrong_bytes', contains: settingsFile }, code: 'artifact-invalid' },
  ];
  for (const { rule, code } of table) {
    await t.test(`${rule.fault} ${rule.contains}`, async (t) => {
      const story = await trained({ on: 'file', times: 'always', ...rule });
      const failed = await story.is('failed');
      t.match(failed, { error: { code }, charged: 'yes', artifacts: null, next_check_at: null });
      t.match(await story.avatar(), { status: 'error', diffusers_lora_file_url: null, config_file_url: null });
    });
  }
});

t.test(
  'a file that its server says is gone is asked for again for a while, and a moment’s 404 costs nothing',
  async (t) => {
    const story = await trained({ on: 'file', fault: 'missing', contains: lora, times: 2 });
    t.match(await story.is('succeeded', 30_000), { error: null, charged: 'yes' });
  },
);

t.test('a file that stays gone ends its training, and not before the time is over', async (t) => {
  const story = await trained({ on: 'file', fault: 'missing', contains: settingsFile, times: 'always' });
  // ARTIFACT_GONE_SECONDS is an hour, from when the file was asked for; without it there would be days.
  const twoHours = new Date(Date.now() + 7_200_000);
  const verifying = await story.when(
    'the shorter deadline',
    (row) => row.deadline_at < twoHours && row.status === 'verifying',
  );
  t.match(verifying, { status: 'verifying', error: null });
  await story.set('deadline_at = now(), next_check_at = now()');
  const failed = await story.is('failed');
  t.match(failed, { error: { code: 'artifact-unavailable' }, charged: 'yes', artifacts: null, next_check_at: null });
  t.match(await story.avatar(), { status: 'error', diffusers_lora_file_url: null, config_file_url: null });
});

t.test('a file that has moved is found by asking for the result again', async (t) => {
  sandbox.faults.set([{ on: 'webhook', fault: 'none', times: 'always' }]);
  const story = await begin(service);
  const job = await story.job();
  sandbox.faults.add({ on: 'file', fault: 'unavailable', times: 'always' });
  await sandbox.queue.complete(job);
  await story.is('verifying');
  const gone = { url: 'https://v3.fal.media/files/lion/was-here_pytorch_lora_weights.safetensors' };
  await story.set(`result = jsonb_set(result, '{diffusers_lora_file}', '${JSON.stringify(gone)}')`);
  sandbox.faults.clear();
  const { artifacts } = await story.is('succeeded', 30_000);
  t.ok(sandbox.files.find(artifacts?.lora.url ?? ''), 'the address that was fetched is on record');
});

t.test('a LoRA beyond the limit is not kept', async (t) => {
  const { maxLoraBytes } = config.fal;
  t.teardown(() => {
    config.fal.maxLoraBytes = maxLoraBytes;
  });
  config.fal.maxLoraBytes = 100;
  const story = await trained();
  t.match(await story.is('failed'), {
    error: { code: 'artifact-invalid', detail: { reason: /larger than 100 bytes/ } },
  });
});

t.test('a transfer that breaks is taken up where it broke, and one that fails is tried again', async (t) => {
  const story = await trained(
    { on: 'file', fault: 'cut', contains: lora },
    { on: 'file', fault: 'reset', contains: lora },
    { on: 'file', fault: 'unavailable', contains: lora },
    { on: 'file', fault: 'unavailable', contains: settingsFile },
    { on: 'file', fault: 'no_length', contains: settingsFile },
  );
  const { artifacts } = await story.is('succeeded');
  if (!artifacts) throw new Error('it succeeded without artifacts');
  const stored = Buffer.from(await app.storage.bytes(artifacts.lora.storage_key));
  t.equal(createHash('sha256').update(stored).digest('hex'), sandbox.files.find(artifacts.lora.url)?.sha256);
});

t.test('while files cannot be fetched it says so, up to the deadline', async (t) => {
  const story = await trained({ on: 'file', fault: 'unavailable', times: 'always' });
  const verifying = await story.is('verifying');
  t.match(verifying, { progress: 99, ended_at: null, charged: null });
  t.ok(verifying.deadline_at > new Date(Date.now() + 6 * 86_400_000), 'as long as fal keeps them');
  t.equal((await story.avatar()).status, 'training');
  await story.set('deadline_at = now(), next_check_at = now()');
  t.match(await story.is('failed'), { error: { code: 'artifact-unavailable' }, charged: 'yes', next_check_at: null });
});

t.test('a success after the deadline is kept, and taken up when somebody asks', async (t) => {
  sandbox.faults.set([{ on: 'job', fault: 'stuck_in_queue' }]);
  const story = await begin(service);
  const job = await story.job();
  await story.set('deadline_at = now()');
  t.match(await story.is('failed'), { error: { code: 'deadline-exceeded' }, charged: 'unknown' });
  await t.rejects(acceptLateResult(app, story.id), { code: 'invalid-state' }, 'there is none yet');
  await sandbox.queue.complete(job);
  const late = await story.when('late artifacts', (row) => row.late_artifacts !== null);
  t.match(late, { status: 'failed', artifacts: null, charged: 'yes', next_check_at: null });
  t.equal((await story.avatar()).diffusers_lora_file_url, null, 'the avatar shows nothing of it');
  t.same((await story.events()).slice(-3), [
    'training.failed',
    'training.late_result_reported',
    'training.late_result',
  ]);

  t.match(await acceptLateResult(app, story.id), { status: 'succeeded', artifacts: late.late_artifacts, error: null });
  t.match(await story.avatar(), {
    status: 'completed',
    training_progress: 100,
    training_error: null,
    diffusers_lora_file_url: late.late_artifacts?.lora.url,
  });
  await t.rejects(acceptLateResult(app, story.id), { code: 'invalid-state' }, 'once');
  t.equal((await story.events()).at(-1), 'training.late_result_accepted');
});

t.test('a success after the deadline is found by polling when no webhook comes', async (t) => {
  sandbox.faults.set([
    { on: 'job', fault: 'stuck_in_queue' },
    { on: 'webhook', fault: 'none', times: 'always' },
  ]);
  const story = await begin(service);
  const job = await story.job();
  await story.set('deadline_at = now()');
  const failed = await story.when('failed', (row) => row.status === 'failed');
  t.ok(failed.deadline_at > new Date(Date.now() + 29 * 86_400_000), 'as long as fal may keep a result');
  await sandbox.queue.complete(job);
  const late = await story.when('late artifacts', (row) => row.late_artifacts !== null);
  t.match(late, { status: 'failed', charged: 'yes', next_check_at: null });
  t.match(await acceptLateResult(app, story.id), { status: 'succeeded' });
});

t.test('a success after a cancellation that fal seemed to have made is found by polling', async (t) => {
  sandbox.faults.set([
    { on: 'job', fault: 'stuck_in_queue' },
    { on: 'webhook', fault: 'none', times: 'always' },
    { on: 'cancel', fault: 'ignored' },
  ]);
  const story = await begin(service);
  const job = await story.job();
  sandbox.faults.add({ on: 'status', fault: 'not_found', times: 'always' });
  await requestCancel(app, story.id);
  t.match(await story.is('cancelled'), { charged: 'no' });
  sandbox.faults.clear();
  await sandbox.queue.complete(job);
  t.match(await story.when('late artifacts', (row) => row.late_artifacts !== null), {
    status: 'cancelled',
    charged: 'yes',
  });
});

t.test('a success after a failure is kept, and one of an earlier attempt replaces no later artifact', async (t) => {
  sandbox.faults.set([{ on: 'webhook', fault: 'error_first', seconds: 600 }]);
  const story = await begin(service);
  // The contradiction comes by webhook alone: the polls are to see nothing.
  sandbox.faults.add({ on: 'status', fault: 'unavailable', times: 'always' });
  await sandbox.queue.complete(await story.job());
  t.match(await story.is('failed'), { error: { code: 'provider-error' }, result_source: 'webhook' });

  sandbox.faults.clear();
  const second = follow(service, (await retryTraining(app, await story.training())).id, story.avatarId);
  await sandbox.queue.complete(await second.job());
  const { artifacts } = await second.is('succeeded');

  await sandbox.clock.advance(600);
  await story.when('late artifacts', (row) => row.late_artifacts !== null);
  t.match(await acceptLateResult(app, story.id), { status: 'succeeded', charged: 'yes' });
  t.match(await story.avatar(), {
    status: 'completed',
    diffusers_lora_file_url: artifacts?.lora.url,
    fal_request_id: (await second.training()).fal_request_id,
  });
});

t.test('a late result whose files stay gone is looked for for a while', async (t) => {
  sandbox.faults.set([
    { on: 'job', fault: 'stuck_in_queue' },
    { on: 'file', fault: 'missing', times: 'always' },
  ]);
  const story = await begin(service);
  const job = await story.job();
  await story.set('deadline_at = now()');
  await story.is('failed');
  await sandbox.queue.complete(job);
  const twoHours = new Date(Date.now() + 7_200_000);
  await story.when('the shorter deadline', (row) => row.late_result !== null && row.deadline_at < twoHours);
  await story.set('deadline_at = now(), next_check_at = now()');
  const lost = await story.when('the end', (row) => row.late_result !== null && row.next_check_at === null);
  t.match(lost, { status: 'failed', late_artifacts: null, charged: 'yes' }, 'and it is known that fal charges');
  await t.rejects(acceptLateResult(app, story.id), { code: 'invalid-state' });
});

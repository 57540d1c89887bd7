import { createHash } from 'node:crypto';
import { t, type Test } from '../../support/tap.ts';
import type { TrainingType } from '../../../src/platform/db/schema.ts';
import type { Asked } from '../../../src/features/trainings/start.ts';
import { eagerPolls, type Service, startService } from '../../support/service.ts';
import { begin, type Story } from './story.ts';

/** The settings among fal's columns, as each training's own trainer has them; all others are NULL. */
type Way = {
  name: string;
  trainingType: TrainingType;
  asked: Asked;
  endpoint: string;
  settings: Record<string, unknown>;
  sent: Record<string, unknown>;
};

const ways: Way[] = [
  {
    name: 'portrait',
    trainingType: 'portrait',
    asked: { steps: 250, learning_rate: 0.00012, trigger_phrase: 'Zoë ✨ "TOK"', subject_crop: false },
    endpoint: 'fal-ai/flux-lora-portrait-trainer',
    settings: {
      steps: 250,
      learning_rate: 0.00012,
      trigger_phrase: 'Zoë ✨ "TOK"',
      multiresolution_training: true,
      subject_crop: false,
      create_masks: false,
    },
    sent: {
      steps: 250,
      learning_rate: 0.00012,
      trigger_phrase: 'Zoë ✨ "TOK"',
      multiresolution_training: true,
      subject_crop: false,
      create_masks: false,
      resume_from_checkpoint: '',
    },
  },
  {
    name: 'style',
    trainingType: 'style',
    asked: { steps: 250 },
    endpoint: 'fal-ai/flux-lora-fast-training',
    settings: { steps: 250, trigger_phrase: 'TOK' },
    sent: {
      steps: 250,
      trigger_word: 'TOK',
      create_masks: false,
      is_style: true,
      is_input_format_already_preprocessed: false,
    },
  },
  {
    name: 'object',
    trainingType: 'object',
    asked: { steps: 250, create_masks: false },
    endpoint: 'fal-ai/flux-lora-fast-training',
    settings: { steps: 250, trigger_phrase: 'TOK', create_masks: false },
    sent: {
      steps: 250,
      trigger_word: 'TOK',
      create_masks: false,
      is_style: false,
      is_input_format_already_preprocessed: false,
    },
  },
  {
    name: 'object with a learning rate',
    trainingType: 'object',
    asked: { steps: 250, learning_rate: 1e-7 },
    endpoint: 'fal-ai/turbo-flux-trainer',
    settings: { steps: 250, learning_rate: 1e-7, trigger_phrase: 'TOK' },
    sent: { steps: 250, learning_rate: 1e-7, trigger_phrase: 'TOK', training_style: 'subject', face_crop: false },
  },
];

t.test('photos become a verified artifact', async (t) => {
  const service = await startService(t, { environment: eagerPolls });
  for (const way of ways) await t.test(way.name, (t) => travel(t, service, way));
});

async function travel(t: Test, service: Service, way: Way): Promise<void> {
  const { app, sandbox, database, url } = service;
  const story = await begin(service, way);
  await story.is('in_queue');
  const [sent, ...more] = sandbox.submissions.list().filter(({ request_id: id }) => id === lastJob(service));
  if (!sent) throw new Error('nothing was sent');
  t.same(more, [], 'one POST made the job');
  await sandbox.clock.advance(15);
  const { progress } = await story.when('progress', ({ step }) => step !== null);
  await sandbox.clock.advance(4);
  await story.when('more progress', (row) => row.progress >= progress + 5);
  // From here on fal's webhook has to tell; a poll would now and then come before it.
  await story.set("next_check_at = now() + interval '1 hour'");
  await sandbox.clock.advance(120);
  const done = await story.is('succeeded');

  t.equal(sent.endpoint, way.endpoint);
  t.same(JSON.parse(sent.body), { images_data_url: done.archive_url, ...way.sent });
  const column = await one(service, 'select fal_input::text as text from trainings where id = $1', story.id);
  t.equal(column['text'], sent.body, 'what is stored is byte for byte what was sent');
  t.equal(sent.webhook_url?.replace(/\?t=[\w-]+$/, ''), done.webhook_url, 'the address is stored without its token');

  await checkColumns(t, service, story, way);
  await checkArtifacts(t, service, done);
  t.match(done, { charged: 'yes', progress: 100, sandbox: true, result_source: 'webhook', submissions: 1, step: 250 });
  const log = await sandboxLog(service, done);
  t.same(
    done.logs.map(({ message }) => message),
    log,
    'the log is complete',
  );

  const events = await story.events();
  t.same(
    events.filter((type) => type !== 'training.progress'),
    told,
    'each is told once, in order',
  );
  t.ok(events.includes('training.progress'));
  const sequence = await database.pool.query('select sequence from events where training_id = $1 order by id', [
    story.id,
  ]);
  t.ok(
    sequence.rows.every(({ sequence: number }) => typeof number === 'number'),
    'all are numbered',
  );

  t.match(await story.webhooks(), [{ outcome: 'applied' }]);
  const archive = sandbox.files.uploads().find(({ file }) => file.url === done.archive_url);
  const lifecycle = { expiration_duration_seconds: 604_800 };
  for (const header of ['x-fal-object-lifecycle', 'x-fal-object-lifecycle-preference']) {
    t.match(JSON.parse(archive?.file.lifecycle[header] ?? '{}'), lifecycle, `${header} says a week`);
  }
  t.match(app.config.publicUrl, url);
}

const told = [
  'training.queued',
  'training.preparing',
  'training.submitting',
  'training.submitted',
  'training.started',
  'training.verifying',
  'training.succeeded',
];

/** The 18 columns that fal brought: each holds what was sent or received, or NULL. */
async function checkColumns(t: Test, service: Service, story: Story, way: Way): Promise<void> {
  const training = await story.training();
  const delivery = service.sandbox.webhooks.list().find(({ request_id: id }) => id === training.fal_request_id);
  const received = JSON.parse(delivery?.body ?? '{}');
  const avatar = await story.avatar();
  const none = {
    learning_rate: null,
    trigger_phrase: null,
    steps: null,
    multiresolution_training: null,
    subject_crop: null,
    create_masks: null,
    captioning: null,
    finetune_type: null,
    finetune_comment: null,
  };
  const { fal_response_data: _, ...plain } = avatar;
  t.match(plain, {
    ...none,
    ...way.settings,
    status: 'completed',
    training_progress: 100,
    training_type: way.trainingType,
    fal_request_id: training.fal_request_id,
    diffusers_lora_file_url: received.payload.diffusers_lora_file.url,
    config_file_url: received.payload.config_file.url,
    training_logs: training.logs.map(({ message }) => message).join('\n'),
    training_error: null,
    webhook_url: `${service.url}/webhooks/fal`,
    last_status_check: training.last_status_check,
  });
  for (const [name, value] of Object.entries(none)) {
    if (!(name in way.settings)) t.equal(Reflect.get(avatar, name), value, `${name} is no setting of its trainer`);
  }
  t.ok(training.last_status_check);
  const seed = /"seed": (\d+)/.exec(delivery?.body ?? '')?.[1];
  t.ok(Number(seed) > Number.MAX_SAFE_INTEGER, 'the seed is one that JavaScript would round');
  for (const [table, name, id] of [
    ['avatars', 'fal_response_data', story.avatarId],
    ['trainings', 'result', story.id],
  ]) {
    const sql = `select ${name}->>'seed' as seed, ${name} = $2::jsonb as is_same from ${table} where id = $1`;
    const payload = /"payload": (\{.*\}), "request_id"/.exec(delivery?.body ?? '')?.[1];
    t.same(await one(service, sql, id, payload), { seed, is_same: true }, `${name} holds every digit of what came`);
  }
}

async function checkArtifacts(
  t: Test,
  { app, sandbox }: Service,
  { id, artifacts }: Awaited<ReturnType<Story['training']>>,
): Promise<void> {
  if (!artifacts?.config) throw new Error('a training that succeeded has artifacts');
  for (const file of [artifacts.lora, artifacts.config]) {
    const bytes = Buffer.from(await app.storage.bytes(file.storage_key));
    t.equal(createHash('sha256').update(bytes).digest('hex'), file.sha256, 'the stored bytes have the stored hash');
    t.equal(bytes.length, file.size);
    t.equal(sandbox.files.find(file.url)?.sha256, file.sha256, 'they are what fal made');
    t.ok(file.storage_key.startsWith(`artifacts/${id}/`));
  }
}

async function sandboxLog(
  { sandbox }: Service,
  { endpoint, fal_request_id: id }: { endpoint: string; fal_request_id: string | null },
): Promise<string[]> {
  const answer = await sandbox.fetch(`https://queue.fal.run/${endpoint}/requests/${id}/status?logs=1`);
  const { logs } = (await answer.json()) as { logs: { message: string }[] };
  return logs.map(({ message }) => message);
}

async function one({ database }: Service, sql: string, ...values: unknown[]): Promise<Record<string, unknown>> {
  const { rows } = await database.pool.query(sql, values);
  return rows[0] ?? {};
}

function lastJob({ sandbox }: Service): string | undefined {
  return sandbox.queue.list().at(-1)?.id;
}

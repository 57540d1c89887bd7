import { t } from '../support/tap.ts';
import { advanceTraining, requestCancel } from '../../src/features/trainings/machine.ts';
import { errorOf } from '../../src/features/trainings/failures.ts';
import { eagerPolls, startService } from '../support/service.ts';
import { until } from '../support/until.ts';
import { begin } from '../features/trainings/story.ts';

const patienceMs = 30_000;
const service = await startService(t, {
  // An answer that never comes is waited for longer than anything here may take.
  environment: { ...eagerPolls, FAL_TIMEOUT_SECONDS: '120' },
  sandbox: { settings: { concurrency: 20 } },
});
const { app, sandbox, database } = service;
t.beforeEach(() => sandbox.faults.clear());

const withoutWebhook = { on: 'webhook', fault: 'none', times: 'always' } as const;
const detail = [{ loc: ['body', 'images_data_url'], msg: 'No face found', type: 'face_detection_error', input: 'x' }];
const failures = [
  { name: 'a 422 of the model', rule: { fault: 'fail', detail }, code: 'no-face-found', retryable: false },
  {
    name: 'a 500 of the model',
    rule: { fault: 'fail', status: 500, detail: 'Internal Server Error' },
    code: 'provider-error',
    retryable: false,
  },
  {
    name: 'a runner that went away',
    rule: { fault: 'infrastructure_error', error_type: 'runner_disconnected' },
    code: 'provider-error',
    retryable: true,
  },
  {
    name: 'a start time-out',
    rule: { fault: 'infrastructure_error', error_type: 'request_timeout' },
    code: 'provider-start-timeout',
    retryable: true,
  },
];

for (const source of ['webhook', 'poll'] as const) {
  t.test(`a job that failed says why, learned by ${source}`, async (t) => {
    for (const { name, rule, code, retryable } of failures) {
      await t.test(name, async (t) => {
        sandbox.faults.set([{ on: 'job', ...rule }, ...(source === 'poll' ? [withoutWebhook] : [])]);
        const story = await begin(service);
        await story.is('in_queue');
        const job = await story.job();
        // A poll might be faster than the webhook that is to be seen.
        if (source === 'webhook') sandbox.faults.add({ on: 'status', fault: 'unavailable', times: 'always' });
        await sandbox.queue.complete(job);
        await story.is('failed');
        sandbox.faults.clear();
        const failed = await story.when('the end', (row) => row.status === 'failed' && row.next_check_at === null);
        t.match(failed, {
          result_source: source,
          charged: 'no',
          artifacts: null,
          error: { code, provider_request_id: job.id },
        });
        if (source === 'poll') t.equal(failed.error?.retryable, retryable, 'as fal said by its header');
        t.ok(failed.logs.length > 0, 'the log was fetched');
        t.match(await story.avatar(), { status: 'error', training_error: `${code}: ${failed.error?.message}` });
        t.equal((await story.events()).at(-1), 'training.failed', 'the end was told once');
      });
    }
  });
}

t.test('the detail of fal is kept as it is', async (t) => {
  sandbox.faults.set([{ on: 'job', fault: 'fail', detail }]);
  const story = await begin(service);
  await sandbox.queue.complete(await story.job());
  const { error } = await story.is('failed');
  t.match(error, { message: 'fal found no face in the photos. images_data_url: No face found' });
  t.match(error?.detail, {
    detail: [{ type: 'face_detection_error', msg: 'No face found', loc: ['body', 'images_data_url'] }],
  });
});

t.test('a result that fal no longer keeps', async (t) => {
  sandbox.faults.set([{ on: 'result', fault: 'expired', times: 'always' }, withoutWebhook]);
  const story = await begin(service);
  await sandbox.queue.complete(await story.job());
  t.match(await story.is('failed'), { error: { code: 'result-expired', retryable: true }, charged: 'unknown' });
});

t.test('a failure whose result can not be had is told by its status', async (t) => {
  sandbox.faults.set([
    { on: 'job', fault: 'fail', status: 500, detail: 'Internal Server Error' },
    { on: 'result', fault: 'unavailable', times: 'always' },
    withoutWebhook,
  ]);
  const story = await begin(service);
  await sandbox.queue.complete(await story.job());
  const { error, result_source } = await story.is('failed');
  t.match(
    { error, result_source },
    { error: { code: 'provider-error', detail: { error: 'Internal Server Error' } }, result_source: 'poll' },
  );
});

t.test('a success without a file is none', async (t) => {
  const story = await begin(service);
  const body = { diffusers_lora_file: null, config_file: { url: 'https://v3.fal.media/x' } };
  await sandbox.queue.complete(await story.job(), { status: 200, body, headers: {}, error: null, error_type: null });
  const failed = await story.when('the end', (row) => row.status === 'failed' && row.next_check_at === null);
  t.match(failed, { error: { code: 'no-artifact' }, artifacts: null });
  t.equal((await story.avatar()).status, 'error');
});

t.test('fal may be silent, slow and wrong for a while', async (t) => {
  sandbox.faults.set([
    ...['unavailable', 'reset', 'not_found', 'cut_body', 'unauthorized'].map(
      (fault) => ({ on: 'status', fault }) as const,
    ),
    ...['unavailable', 'server_error', 'reset', 'cut_body', 'unauthorized'].map(
      (fault) => ({ on: 'result', fault }) as const,
    ),
    withoutWebhook,
  ]);
  const story = await begin(service);
  await sandbox.queue.complete(await story.job());
  const end = await story.when('its end', ({ status }) => status === 'succeeded' || status === 'failed');
  t.match(end, { status: 'succeeded', error: null });
});

t.test('what fal forgets is ended by its deadline', async (t) => {
  sandbox.faults.set([{ on: 'job', fault: 'stuck_in_queue' }]);
  const story = await begin(service);
  const queued = await story.is('in_queue');
  const wait = queued.deadline_at.getTime() - (queued.accepted_at?.getTime() ?? 0);
  t.equal(wait, (3600 + 7200) * 1000, 'the start time-out and the longest run of the trainer');
  await story.set('deadline_at = now()');
  const failed = await story.is('failed');
  t.match(failed, { error: { code: 'deadline-exceeded' }, charged: 'unknown' });
  t.equal((await story.avatar()).status, 'error');
});

t.test('what ended while nobody looked is told truthfully, be it beyond its deadline', async (t) => {
  sandbox.faults.set([withoutWebhook]);
  const story = await begin(service);
  await story.is('in_queue');
  await story.set("next_check_at = now() + interval '1 minute'");
  await sandbox.queue.complete(await story.job());
  await story.set('deadline_at = now(), next_check_at = now()');
  t.match(await story.is('succeeded'), { result_source: 'poll', error: null });
});

t.test('while fal is out of reach or keeps the result back a deadline waits a little, and not for ever', async (t) => {
  sandbox.faults.set([withoutWebhook]);
  const story = await begin(service);
  await story.is('in_queue');
  sandbox.faults.add(
    { on: 'status', fault: 'unavailable', times: 2 },
    { on: 'result', fault: 'unavailable', times: 2 },
  );
  await sandbox.queue.complete(await story.job());
  await story.set('deadline_at = now(), next_check_at = now()');
  const end = await story.when('its end', ({ status }) => status === 'succeeded' || status === 'failed');
  t.match(end, { status: 'succeeded', error: null });

  const silent = await begin(service);
  await silent.is('in_queue');
  sandbox.faults.set([{ on: 'status', fault: 'unavailable', times: 'always' }]);
  await silent.set("deadline_at = now() - interval '1 minute', next_check_at = now()");
  t.match(await silent.is('failed'), { error: { code: 'deadline-exceeded' }, charged: 'unknown' });
});

t.test('a decision of the clock does not undo what a webhook said meanwhile', async (t) => {
  // The files keep it verifying.
  sandbox.faults.set([{ on: 'file', fault: 'unavailable', times: 'always' }]);
  const story = await begin(service);
  await sandbox.queue.complete(await story.job());
  const { submission_id: submissionId } = await story.is('verifying');
  const given = { kind: 'give_up', error: errorOf('deadline-exceeded', null, null), charged: 'unknown' } as const;
  for (const from of ['queued', 'preparing', 'submitting', 'in_queue', 'in_progress'] as const) {
    t.match(await advanceTraining(app, story.id, { ...given, from }), { changed: false }, from);
  }
  const submission = { submissionId: '01890000-0000-7000-8000-000000000000' };
  t.match(await advanceTraining(app, story.id, { ...given, from: 'verifying', ...submission }), { changed: false });
  const own = { ...given, from: 'verifying', submissionId: submissionId ?? '' } as const;
  t.match(await advanceTraining(app, story.id, own), { changed: true, row: { status: 'failed' } });
});

t.test('an answer that fal owes to one training holds up no other', async (t) => {
  sandbox.faults.set([withoutWebhook, withoutWebhook]);
  const [first, second] = [await begin(service), await begin(service)];
  const [slow, quick] = [await first.job(), await second.job()];
  sandbox.faults.set([{ on: 'status', fault: 'timeout', request_id: slow.id, times: 'always' }]);
  // Both are due at the same moment, as those that were begun together are.
  await database.pool.query('update trainings set next_check_at = now() where id = any($1)', [[first.id, second.id]]);
  await until('the slow one is asked after', () => sandbox.faults.list().some(({ struck }) => struck > 0));
  await sandbox.queue.complete(quick);
  t.match(await second.is('succeeded', patienceMs), { result_source: 'poll' });
  t.equal((await first.training()).status, 'in_queue', 'the other’s answer is still awaited');
});

t.test('the clock looks at none that fal has nothing to say of', async (t) => {
  sandbox.faults.set([{ on: 'job', fault: 'fail', detail }]);
  const failed = await begin(service);
  t.not((await failed.is('in_queue')).next_check_at, null, 'one that runs is looked at');
  const [succeeded, stopped] = [await begin(service), await begin(service)];
  const job = await stopped.job();
  await requestCancel(app, stopped.id);
  await until('fal was asked to stop', () => job.cancelRequested);
  await sandbox.clock.advance(1);
  for (const story of [failed, succeeded]) await sandbox.queue.complete(await story.job());
  for (const [story, status] of [
    [failed, 'failed'],
    [succeeded, 'succeeded'],
    [stopped, 'cancelled'],
  ] as const) {
    await story.when(`${status}, and looked at no more`, (row) => row.status === status && row.next_check_at === null);
  }
});

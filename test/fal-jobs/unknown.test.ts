import { t } from '../support/tap.ts';
import { acceptLateResult, requestCancel, resolveSubmission } from '../../src/features/trainings/machine.ts';
import { eagerChecks, startService } from '../support/service.ts';
import { begin, type Story } from '../features/trainings/story.ts';

const service = await startService(t, {
  environment: { ...eagerChecks, FAL_TIMEOUT_SECONDS: '1' },
  sandbox: { settings: { concurrency: 20 } },
});
const { app, sandbox, database } = service;
t.beforeEach(async () => {
  sandbox.faults.clear();
  sandbox.settings.search = 'off';
  sandbox.settings.search_lists = 'all';
  await database.pool.query('delete from provider_circuit');
});

/** Each way in which the one POST makes a job and its answer tells of none. */
const ambiguous = ['reset_after', 'cut_body', 'unavailable_after', 'timeout'];
const withoutWebhook = { on: 'webhook', fault: 'none', times: 'always' } as const;

t.test('a webhook settles a submission whose answer was lost', async (t) => {
  for (const fault of ambiguous) {
    await t.test(fault, async (t) => {
      sandbox.faults.set([{ on: 'submit', fault }]);
      const story = await begin(service);
      const unknown = await story.when('unknown', (row) => row.submit_unknown_at !== null);
      t.match(unknown, { status: 'submitting', fal_request_id: null, error: null });
      await sandbox.queue.complete(theJob(story));
      const done = await story.is('succeeded');
      t.match(done, { submissions: 1, submit_unknown_at: null, fal_request_id: theJob(story).id, charged: 'yes' });
      t.equal(story.posts().length, 1, 'one POST');
      t.same(await story.events(), [
        'training.queued',
        'training.preparing',
        'training.submitting',
        'training.submit_unknown',
        'training.verifying',
        'training.succeeded',
      ]);
    });
  }
});

t.test("fal's records settle it when no webhook comes", async (t) => {
  for (const fault of ambiguous) {
    await t.test(fault, async (t) => {
      sandbox.faults.set([
        { on: 'submit', fault },
        { on: 'search', fault: 'unavailable' },
        { on: 'search', fault: 'rate_limited' },
        withoutWebhook,
      ]);
      sandbox.settings.search = 'on';
      const story = await begin(service);
      const found = await story.is('in_queue');
      t.match(found, { submissions: 1, submit_unknown_at: null, fal_request_id: theJob(story).id });
      await sandbox.queue.complete(theJob(story));
      t.match(await story.is('succeeded'), { result_source: 'poll', charged: 'yes' });
      t.equal(story.posts().length, 1, 'one POST');
    });
  }
});

t.test('a webhook that is faster than the answer settles it too, and the answer changes nothing', async (t) => {
  sandbox.faults.set([{ on: 'webhook', fault: 'before_submit_answer' }]);
  const story = await begin(service);
  const done = await story.is('succeeded');
  t.match(done, { submissions: 1, result_source: 'webhook', fal_request_id: theJob(story).id });
  t.notOk((await story.events()).includes('training.submit_unknown'));
  t.equal(story.posts().length, 1);
});

t.test('what nothing settles is brought before a person, then fails, and its late result is kept', async (t) => {
  sandbox.faults.set([{ on: 'submit', fault: 'reset_after' }, withoutWebhook]);
  const story = await begin(service);
  await story.when('unknown', (row) => row.submit_unknown_at !== null);
  await story.set("submitted_at = now() - interval '4 hours', next_check_at = now()");
  const asked = await story.when('attention', (row) => row.needs_attention_at !== null);
  t.match(asked, { status: 'submitting', error: null });
  await story.set("submitted_at = now() - interval '7 days 1 minute', next_check_at = now()");
  const failed = await story.is('failed');
  t.match(failed, {
    charged: 'unknown',
    fal_request_id: null,
    error: { code: 'submit-unresolved' },
    next_check_at: null,
  });
  t.equal(story.posts().length, 1, 'nothing was sent again');

  const job = theJob(story);
  await sandbox.queue.complete(job);
  await sandbox.webhooks.redeliver(job);
  const late = await story.when('the late artifacts', (row) => row.late_artifacts !== null);
  t.match(late, { status: 'failed', charged: 'yes', fal_request_id: job.id, artifacts: null });
  t.equal((await story.avatar()).status, 'error');
  const accepted = await acceptLateResult(app, story.id);
  t.match(accepted, { status: 'succeeded', error: null, charged: 'yes', artifacts: late.late_artifacts });
  t.match(await story.avatar(), { status: 'completed', training_error: null, fal_request_id: job.id });
  t.match((await story.avatar()).fal_response_data, { diffusers_lora_file: {} });
});

t.test('while the records of fal are out of reach a submission is pursued twice as long', async (t) => {
  sandbox.faults.set([
    { on: 'submit', fault: 'reset_after' },
    { on: 'search', fault: 'unavailable', times: 'always' },
    withoutWebhook,
  ]);
  const story = await begin(service);
  await story.when('unknown', (row) => row.submit_unknown_at !== null);
  await story.set("submitted_at = now() - interval '7 days 1 minute', next_check_at = now()");
  const asked = await story.when('a look', (row) => row.next_check_at !== null && row.next_check_at > new Date());
  t.equal(asked.status, 'submitting');
  sandbox.settings.search = 'on';
  sandbox.faults.set([withoutWebhook]);
  // The records are searched around the time of the submission, which at fal has not changed.
  await story.set('submitted_at = now(), next_check_at = now()');
  t.match(await story.is('in_queue'), { fal_request_id: theJob(story).id });
  t.equal(story.posts().length, 1, 'nothing was sent again');
});

t.test('a process that died between intent and POST leaves it unknown, for a person to settle', async (t) => {
  sandbox.faults.set([{ on: 'upload', fault: 'unauthorized', times: 'always' }]);
  const story = await begin(service);
  await story.when('blocked', (row) => row.blocked_reason !== null);
  // As the row stands after the intent was committed and nothing more.
  await story.set(`
    status = 'submitting', blocked_at = null, blocked_reason = null, submissions = 1, submitted_at = now(),
    submission_id = gen_random_uuid(), fal_input = '{}', archive_url = 'https://v3.fal.media/files/gone.zip',
    next_check_at = now()`);
  const unknown = await story.when('unknown', (row) => row.submit_unknown_at !== null);
  t.equal(unknown.status, 'submitting');
  t.equal(story.posts().length, 0);
  sandbox.faults.clear();
  t.equal((await resolveSubmission(app, story.id, 'not-submitted')).status, 'queued');
  const sent = await story.is('in_queue');
  t.equal(sent.submissions, 2);
  t.equal(story.posts().length, 1);
  t.not(sent.submission_id, unknown.submission_id, 'with a token of its own');
});

t.test('a person names the request that fal made', async (t) => {
  sandbox.faults.set([{ on: 'submit', fault: 'cut_body' }]);
  const story = await begin(service);
  await story.when('unknown', (row) => row.submit_unknown_at !== null);
  await t.rejects(resolveSubmission(app, story.id, { falRequestId: '01890000-0000-7000-8000-000000000000' }), {
    code: 'invalid-state',
    message: /fal knows no such request/,
  });
  const taken = await resolveSubmission(app, story.id, { falRequestId: theJob(story).id });
  t.match(taken, { status: 'in_queue', submit_unknown_at: null });
  await t.rejects(resolveSubmission(app, story.id, 'not-submitted'), { code: 'invalid-state' });
  await sandbox.queue.complete(theJob(story));
  await story.is('succeeded');
  t.equal(story.posts().length, 1);
});

t.test('one who asked to stop meanwhile is served once the outcome is known', async (t) => {
  for (const outcome of ['found', 'not submitted'] as const) {
    await t.test(outcome, async (t) => {
      sandbox.faults.set([{ on: 'submit', fault: 'reset_after' }]);
      const story = await begin(service);
      await story.when('unknown', (row) => row.submit_unknown_at !== null);
      t.match(await requestCancel(app, story.id), { status: 'submitting' });
      t.match(await requestCancel(app, story.id), { status: 'submitting' }, 'asking again changes nothing');
      if (outcome === 'found') {
        sandbox.settings.search = 'on';
        await story.when('the request', (row) => row.fal_request_id !== null);
        await story.when('asked', () => theJob(story).cancelRequested);
        await sandbox.clock.advance(1);
      } else {
        await resolveSubmission(app, story.id, 'not-submitted');
      }
      t.match(await story.is('cancelled'), { charged: 'no', error: null });
      t.equal(story.posts().length, 1, 'it was not sent again');
      t.equal((await story.avatar()).status, 'cancelled');
    });
  }
});

/** The job that was made of the training, whether anyone here knows of it or not. */
function theJob(story: Story) {
  const [id, ...more] = story.posts().flatMap(({ request_id }) => request_id ?? []);
  const job = id && sandbox.queue.get(id);
  if (!job || more.length > 0) throw new Error(`there are ${more.length + (id ? 1 : 0)} jobs`);
  return job;
}

import { t } from '../support/tap.ts';
import { eagerChecks, startService } from '../support/service.ts';
import { until } from '../support/until.ts';
import { createGate } from '../features/trainings/gate.ts';
import { begin } from '../features/trainings/story.ts';

const service = await startService(t, { environment: { ...eagerChecks, POLL_FIRST_SECONDS: '60' } });
const { app, sandbox, database } = service;
t.afterEach(() => sandbox.faults.clear());

t.test('what fal refuses at submit has failed, free, and is not sent again', async (t) => {
  const table = [
    { fault: 'not_found', code: 'provider-refused' },
    {
      fault: 'answer',
      status: 422,
      body: { detail: [{ loc: ['body', 'steps'], msg: 'no', type: 'missing' }] },
      code: 'invalid-input',
    },
    { fault: 'answer', status: 400, body: { detail: 'no', error_type: 'bad_request' }, code: 'invalid-input' },
  ];
  for (const { code, ...rule } of table) {
    await t.test(`${rule.fault} ${rule.status ?? ''}`, async (t) => {
      const posts = sandbox.submissions.list().length;
      sandbox.faults.set([{ on: 'submit', ...rule }]);
      const story = await begin(service);
      const failed = await story.is('failed');
      t.match(failed, { charged: 'no', fal_request_id: null, submissions: 1, error: { code }, next_check_at: null });
      t.match(await story.avatar(), { status: 'error', training_error: `${code}: ${failed.error?.message}` });
      t.equal(sandbox.submissions.list().length, posts + 1, 'one POST');
      t.same(await story.events(), ['training.queued', 'training.preparing', 'training.submitting', 'training.failed']);
    });
  }
});

t.test('what the account is the reason for waits, and is sent anew once fal lets it in', async (t) => {
  const table = [
    { on: 'submit', fault: 'unauthorized', reason: 'provider-unauthorized' },
    { on: 'submit', fault: 'forbidden', reason: 'provider-unauthorized' },
    { on: 'submit', fault: 'locked', reason: 'provider-balance-exhausted' },
    { on: 'submit', fault: 'answer', status: 403, body: { detail: 'User is locked.' }, reason: 'provider-locked' },
    { on: 'submit', fault: 'rate_limited', reason: 'provider-rate-limited' },
    { on: 'upload', fault: 'locked', reason: 'provider-balance-exhausted' },
    { on: 'upload', fault: 'unauthorized', reason: 'provider-unauthorized' },
  ] as const;
  for (const { reason, ...rule } of table) {
    await t.test(`${rule.on} ${rule.fault}`, async (t) => {
      const posts = sandbox.submissions.list().length;
      sandbox.faults.set([{ ...rule, times: 'always' }]);
      const story = await begin(service);
      await story.when('blocked', (row) => row.blocked_reason === reason && row.status === 'queued');
      const circuit = await database.pool.query('select reason from provider_circuit');
      t.same(circuit.rows, [{ reason }], 'no other is let in either');
      t.equal((await story.avatar()).status, 'training');
      sandbox.faults.clear();
      const let_in = await story.is('in_queue');
      t.match(let_in, { blocked_reason: null, blocked_at: null, error: null });
      const archives = sandbox.submissions
        .list()
        .slice(posts)
        .map(({ images_data_url: url }) => url);
      t.equal(new Set(archives).size, archives.length, 'no archive was sent twice');
      const jobs = sandbox.submissions
        .list()
        .slice(posts)
        .filter(({ request_id: id }) => id !== null);
      t.same(
        jobs.map(({ images_data_url: url }) => url),
        [let_in.archive_url],
        'one job was made',
      );
      t.ok((await story.events()).includes('training.blocked'));
      t.same(
        (await database.pool.query('select reason from provider_circuit')).rows,
        [{ reason: null }],
        'all are let in again',
      );
    });
  }
});

t.test('a gateway that fails and says that nothing was queued fails no training', async (t) => {
  sandbox.faults.set([{ on: 'submit', fault: 'server_error', times: 2 }]);
  const story = await begin(service);
  await story.when('blocked', (row) => row.blocked_reason === 'provider-unavailable');
  const { submissions, error } = await story.is('in_queue');
  t.match({ submissions, error }, { submissions: 3, error: null });
  const posts = story.posts();
  t.equal(new Set(posts.map(({ images_data_url: url }) => url)).size, 3, 'each POST has an archive of its own');
  t.equal(posts.filter(({ request_id: id }) => id !== null).length, 1, 'one job was made');
});

t.test('a training that fal lets not in for too long has failed, free', async (t) => {
  sandbox.faults.set([{ on: 'submit', fault: 'locked', times: 'always' }]);
  const story = await begin(service);
  await story.when('blocked', (row) => row.blocked_reason !== null);
  t.ok((await story.training()).deadline_at > new Date(Date.now() + 3_600_000), 'it waits for a day');
  await story.set('deadline_at = now(), next_check_at = now()');
  const failed = await story.is('failed');
  t.match(failed, {
    charged: 'no',
    error: { code: 'provider-blocked', detail: { blocked_reason: 'provider-balance-exhausted' } },
  });
});

t.test('while fal is out of reach nothing is lost, and nothing made twice', async (t) => {
  const target: { url: string } = { url: 'http://127.0.0.1:9' };
  const gate = await createGate(t, () => target.url);
  const service = await startService(t, {
    environment: { ...eagerChecks, FAL_BASE_URL: gate.url, FAL_TIMEOUT_SECONDS: '2' },
  });
  const { sandbox } = service;
  target.url = sandbox.url();

  await t.test('before the upload', async (t) => {
    await gate.shut();
    const story = await begin(service);
    await story.when('blocked', (row) => row.blocked_reason === 'provider-unavailable');
    t.equal(story.posts().length, 0);
    await gate.open();
    await story.is('in_queue');
    t.match(sandbox.submissions.list(), [{ outcome: 'accepted' }]);
    await sandbox.queue.complete(await story.job());
    await story.is('succeeded');
  });

  await t.test('between upload and POST', async (t) => {
    const posts = sandbox.submissions.list().length;
    // The upload is under way then; the POST opens a connection of its own.
    gate.shutAt('PUT /v3b.fal.media/upload/');
    const story = await begin(service);
    const blocked = await story.when('blocked', (row) => row.blocked_reason === 'provider-unavailable');
    t.match(blocked, { submissions: 1, status: 'queued' });
    t.equal(sandbox.submissions.list().length, posts, 'no byte of the POST reached anyone');
    await gate.open();
    const { submissions } = await story.is('in_queue');
    t.ok(submissions >= 2, 'it was submitted anew');
    t.equal(sandbox.submissions.list().length, posts + 1, 'and once');
  });
});

t.test('a photo that is gone from the store ends it before anything is paid', async (t) => {
  sandbox.faults.set([{ on: 'upload', fault: 'unauthorized', times: 'always' }]);
  const story = await begin(service);
  await story.when('blocked', (row) => row.blocked_reason !== null);
  const { rows } = await database.pool.query('select minio_key from avatar_photos where id = $1', [story.photoIds[3]]);
  await app.storage.delete([rows[0].minio_key]);
  sandbox.faults.clear();
  const failed = await story.is('failed');
  t.match(failed, { charged: 'no', error: { code: 'photos-missing', detail: { photo_id: story.photoIds[3] } } });
  t.equal(story.posts().length, 0);
});

t.test('a photo that was swapped in the store ends it as well', async (t) => {
  sandbox.faults.set([{ on: 'upload', fault: 'unauthorized', times: 'always' }]);
  const story = await begin(service);
  await story.when('blocked', (row) => row.blocked_reason !== null);
  const { rows } = await database.pool.query('select minio_key from avatar_photos where id = $1', [story.photoIds[2]]);
  await app.storage.putBytes(rows[0].minio_key, Buffer.from('another'), 'image/jpeg');
  sandbox.faults.clear();
  t.match(await story.is('failed'), {
    charged: 'no',
    error: { code: 'photos-missing', detail: { photo_id: story.photoIds[2] } },
  });
  t.equal(story.posts().length, 0);
});

t.test('an answer that the database could not keep is kept when it can again', async (t) => {
  const posts = sandbox.submissions.list().length;
  // A sequence keeps what the transaction that failed has drawn of it.
  await database.pool.query(`
    create sequence failed_writes;
    create function fail_write() returns trigger language plpgsql as $$
      begin perform nextval('failed_writes'); raise exception 'there is no room' using errcode = 'disk_full'; end $$;
    create trigger fail_write before update on trainings
      for each row when (new.status = 'in_queue') execute function fail_write()`);
  t.teardown(() =>
    database.pool.query(
      'drop trigger if exists fail_write on trainings; drop function fail_write; drop sequence failed_writes',
    ),
  );
  const story = await begin(service);
  await until('the failing write', async () => {
    const { rows } = await database.pool.query('select is_called from failed_writes');
    return rows[0].is_called;
  });
  t.equal((await story.training()).status, 'submitting');
  await database.pool.query('drop trigger fail_write on trainings');
  const kept = await story.is('in_queue');
  t.equal(kept.fal_request_id, sandbox.submissions.list().at(-1)?.request_id);
  t.equal(kept.submit_unknown_at, null);
  t.equal(sandbox.submissions.list().length, posts + 1, 'and nothing is sent again');
});

t.test('fal is asked to keep what is made, and it is on record until when', async (t) => {
  const story = await begin(service);
  const sent = await story.is('in_queue');
  const asked = 604_800_000;
  const kept = Number(sent.output_expires_at) - Number(sent.submitted_at);
  t.ok(Math.abs(kept - asked) < 60_000, 'for seven days');
  const [post] = story.posts();
  t.same(JSON.parse(post?.headers['x-fal-object-lifecycle-preference'] ?? ''), {
    expiration_duration_seconds: 604_800,
  });
});

import { t, type Test } from '../../support/tap.ts';
import { v7 as uuidv7 } from 'uuid';
import { jobToken } from '../../../src/fal-jobs/token.ts';
import { startService } from '../../support/service.ts';
import { until } from '../../support/until.ts';
import { begin, type Story } from '../trainings/story.ts';
import { post, resultOf, webhook } from './deliver.ts';

const service = await startService(t, {
  environment: { POLL_FIRST_SECONDS: '60', CHECK_INTERVAL_SECONDS: '0.1' },
  sandbox: { settings: { concurrency: 20 } },
});
const { app, sandbox, database } = service;
t.beforeEach(() => sandbox.faults.clear());

/** Waits until this many webhooks of the training were drained, and gives what came of them. */
async function outcomes(story: Story, count: number): Promise<string[]> {
  return until(`${count} drained`, async () => {
    const list = (await story.webhooks()).flatMap(({ outcome }) => outcome ?? []);
    return list.length === count && list;
  });
}

/** A training that runs at fal, and whose files can't be fetched yet. */
async function running(): Promise<Story> {
  sandbox.faults.set([{ on: 'file', fault: 'unavailable', times: 'always' }]);
  const story = await begin(service);
  await story.is('in_queue');
  return story;
}

t.test('repeats and contradictions change nothing', async (t) => {
  const story = await running();
  const ok = await webhook(service, story, { body: { payload: await resultOf(story) } });
  const error = await webhook(service, story, {
    body: { status: 'ERROR', error: 'Invalid status code: 500', payload: { detail: 'x' } },
  });
  for (const delivery of [ok, ok, error, ok]) t.equal((await post(delivery)).status, 200);
  t.same(await outcomes(story, 4), ['applied', 'repeated', 'repeated', 'repeated']);
  t.match(await story.training(), { status: 'verifying', error: null });
  const told = (await story.events()).filter((type) => type === 'training.verifying' || type === 'training.failed');
  t.same(told, ['training.verifying'], 'it was told once');
});

t.test('many at once are applied once', async (t) => {
  const story = await running();
  const ok = await webhook(service, story, { body: { payload: await resultOf(story) } });
  await Promise.all(Array.from({ length: 20 }, () => post(ok)));
  const all = await outcomes(story, 20);
  t.equal(all.filter((outcome) => outcome === 'applied').length, 1);
  t.equal(all.filter((outcome) => outcome === 'repeated').length, 19);
});

t.test('a webhook that fal could not fill sends us to the queue for the result', async (t) => {
  for (const fault of ['payload_error', 'payload_error_with_status']) {
    await t.test(fault, async (t) => {
      sandbox.faults.set([{ on: 'webhook', fault }]);
      const story = await begin(service);
      await sandbox.queue.complete(await story.job());
      t.match(await story.is('succeeded'), { result_source: 'poll', charged: 'yes' });
      t.match(await story.webhooks(), [{ outcome: 'deferred', outcome_detail: /not JSON serializable/ }]);
    });
  }
  await t.test('of a submission whose answer was lost', async (t) => {
    sandbox.settings.search = 'off';
    sandbox.faults.set([
      { on: 'submit', fault: 'reset_after' },
      { on: 'webhook', fault: 'payload_error' },
    ]);
    const story = await begin(service);
    await story.when('unknown', (row) => row.submit_unknown_at !== null);
    const job = sandbox.queue.list().at(-1);
    if (job) await sandbox.queue.complete(job);
    t.match(await story.is('succeeded'), { fal_request_id: job?.id, submissions: 1 });
  });
});

t.test('the id of the gateway may change, the request stays the same', async (t) => {
  sandbox.faults.set([{ on: 'webhook', fault: 'changed_gateway_request_id' }]);
  const story = await begin(service);
  await sandbox.queue.complete(await story.job());
  const { fal_request_id, gateway_request_id } = await story.is('succeeded');
  t.ok(gateway_request_id);
  t.not(gateway_request_id, fal_request_id);
});

t.test('text that the database does not take is replaced', async (t) => {
  const story = await running();
  const text = { ...(await resultOf(story)), note: 'a\0b\ud800', 'key\0': 1 };
  await post(await webhook(service, story, { body: { payload: text } }));
  t.same(await outcomes(story, 1), ['applied']);
  t.match((await story.training()).result, { note: 'a\ufffdb\ufffd', 'key\ufffd': 1 });

  const failing = await running();
  const detail = [{ loc: ['body', 'x\0'], msg: 'bad\0', type: 'value\0error' }];
  await post(
    await webhook(service, failing, {
      body: { status: 'ERROR', error: 'Invalid status code: 422', payload: { detail } },
    }),
  );
  t.match(await failing.is('failed'), { error: { code: 'invalid-input', message: /bad\ufffd/ } });
});

t.test('a result is taken up whatever stands beside its addresses', async (t) => {
  const odd: Record<string, string> = {
    numbers: `[1e200000,-1e200000,1e-200000,${'9'.repeat(200_000)},0.${'0'.repeat(20_000)}1]`,
    text: '"\\u0000\\ud800"',
    'one long word': `"${'a'.repeat(1_000_000)}"`,
  };
  for (const [name, value] of Object.entries(odd)) {
    const story = await running();
    const { fal_request_id: id } = await story.training();
    const payload = JSON.stringify({ ...(await resultOf(story)), odd: '$' }).replace('"$"', value);
    const body = `{"request_id":"${id}","gateway_request_id":"a\\u0000","status":"OK","payload":${payload}}`;
    await post(await webhook(service, story, { body, requestId: id ?? '' }));
    t.same(await outcomes(story, 1), ['applied'], name);
    t.match(await story.training(), { status: 'verifying', charged: null }, name);
  }
});

t.test('one nested deeper than any result ends nothing, and fal is asked', async (t) => {
  const story = await running();
  const { fal_request_id: id } = await story.training();
  const payload = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  const body = `{"request_id":"${id}","status":"OK","payload":${payload}}`;
  await post(await webhook(service, story, { body, requestId: id ?? '' }));
  t.same(await outcomes(story, 1), ['quarantined']);
  t.match(await story.training(), { status: 'in_queue', charged: null });
});

t.test('what cannot be applied is put aside, and those behind it go on', async (t) => {
  const story = await running();
  const next = await running();
  const requestId = (await story.training()).fal_request_id;
  const spoilt = {
    'no JSON': { body: '\0\0', requestId: requestId ?? '' },
    'no object': { body: '[]', requestId: requestId ?? '' },
    'neither OK nor ERROR': { body: { status: 'MAYBE' } },
    'OK and an error': { body: { error: 'and yet' } },
  };
  for (const [name, shape] of Object.entries(spoilt))
    t.equal((await post(await webhook(service, story, shape))).status, 200, name);
  await post(await webhook(service, next, { body: { payload: await resultOf(next) } }));
  t.same(await outcomes(next, 1), ['applied']);
  t.same(
    await outcomes(story, 4),
    Array.from({ length: 4 }, () => 'quarantined'),
  );
  t.equal((await story.training()).status, 'in_queue', 'it moved nothing');
});

t.test('a fault of ours does not hold up the inbox', async (t) => {
  const story = await running();
  const next = await running();
  const ok = await webhook(service, story, { body: { payload: await resultOf(story) } });
  await story.set("trainer = 'unheard-of'");
  t.teardown(() => story.set("trainer = 'fast'"));
  await post(ok);
  await post(await webhook(service, next, { body: { payload: await resultOf(next) } }));
  t.same(await outcomes(next, 1), ['applied']);
  t.match(await story.webhooks(), [{ outcome: 'quarantined', outcome_detail: /unheard-of/ }]);
});

t.test('a token and a request that do not belong together move nothing', async (t) => {
  const [one, other] = [await running(), await running()];
  const payload = await resultOf(one);
  const { fal_request_id: requestId } = await other.training();
  t.equal((await post(await webhook(service, one, { body: { payload }, requestId: requestId ?? '' }))).status, 200);
  t.match(await outcomes(one, 1), ['mismatched']);
  t.match((await one.webhooks())[0]?.outcome_detail, /^The training's request is /);
  const { secret } = app.installation;
  const token = jobToken(secret, { kind: 'training', jobId: one.id, submissionId: uuidv7() });
  await post(await webhook(service, one, { body: { payload }, token }));
  t.same(await outcomes(one, 2), ['mismatched', 'mismatched']);
  for (const story of [one, other]) t.equal((await story.training()).status, 'in_queue');
});

t.test('a training that is no longer there', async (t) => {
  const story = await running();
  const gone = uuidv7();
  const token = jobToken(app.installation.secret, { kind: 'training', jobId: gone, submissionId: uuidv7() });
  t.equal((await post(await webhook(service, story, { token }))).status, 200);
  await until('its outcome', async () => {
    const { rows } = await database.pool.query('select outcome from fal_webhooks where training_id = $1', [gone]);
    return rows[0]?.outcome === 'orphaned';
  });
});

t.test('none is left behind', async (t) => {
  const { rows } = await database.pool.query(
    'select count(*)::int as count from fal_webhooks where drained_at is null',
  );
  t.equal(rows[0].count, 0);
});

/** Lets no change of status of a training through, until its test ends. */
async function holdUp(t: Test, story: Story): Promise<() => Promise<void>> {
  await database.pool.query(`
    create function held_up() returns trigger language plpgsql as $$ begin
      if new.status <> old.status then raise exception 'canceling statement due to statement timeout' using errcode = '57014'; end if;
      return new;
    end $$;
    create trigger held_up before update on trainings for each row when (old.id = '${story.id}') execute function held_up();`);
  const release = async () =>
    void (await database.pool.query('drop trigger if exists held_up on trainings; drop function if exists held_up()'));
  t.teardown(release);
  return release;
}

t.test('tries are counted for all processes, so that a restart does not begin again', async (t) => {
  const story = await running();
  await holdUp(t, story);
  await post(await webhook(service, story, { body: { payload: await resultOf(story) } }));
  const row = async () => {
    const { rows } = await database.pool.query(
      'select tries, next_try_at > now() as waits, outcome from fal_webhooks where training_id = $1',
      [story.id],
    );
    return rows[0];
  };
  await until('a first try', async () => (await row()).tries === 1);
  t.match(await row(), { waits: true, outcome: null });
  // As five tries of processes leave it that ended since.
  await database.pool.query('update fal_webhooks set tries = 5, next_try_at = now() where training_id = $1', [
    story.id,
  ]);
  t.same(await outcomes(story, 1), ['quarantined']);
  t.match(await row(), { tries: 6 });
});

t.test(
  'one that the database can not apply in time holds up none behind it, and fal is asked in the end',
  async (t) => {
    const [story, other] = [await running(), await running()];
    const release = await holdUp(t, story);
    for (const one of [story, story, story, story, story, other]) {
      await post(await webhook(service, one, { body: { payload: await resultOf(one) } }));
    }
    t.same(await outcomes(other, 1), ['applied']);
    t.notMatch(await story.webhooks(), [{ outcome: 'quarantined' }], 'which is later than the first try');
    t.same(
      await outcomes(story, 5),
      Array.from({ length: 5 }, () => 'quarantined'),
    );
    t.match(await story.training(), { status: 'in_queue' });
    await release();
    sandbox.faults.clear();
    await sandbox.queue.complete(await story.job());
    t.match(await story.is('succeeded'), { charged: 'yes' });
  },
);

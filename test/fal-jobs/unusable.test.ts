import { t } from '../support/tap.ts';
import type { Context } from '../../src/context.ts';
import { sortResult, sortStatus } from '../../src/fal/answers.ts';
import { StorageError } from '../../src/platform/storage/storage.ts';
import {
  checkTraining,
  dispatchTrainings,
  submitTrainingJob,
  verifyTrainingJob,
} from '../../src/features/trainings/machine.ts';
import { startTraining } from '../../src/features/trainings/start.ts';
import { arrangeAvatar } from '../support/arrange.ts';
import { startService } from '../support/service.ts';
import { begin, type Story } from '../features/trainings/story.ts';

// No worker runs: the test makes each check.
const service = await startService(t, { role: 'api', sandbox: { settings: { concurrency: 100 } } });
const { app, sandbox, database } = service;
const never = new AbortController().signal;
const bar = '  3%|▎ | 75/2500 [00:12<06:31,  6.19it/s, loss=0.412]';

/** As the database of an encoding that has no such character: the same row is refused each time. */
await database.pool.query(`
  create function refuse_bars() returns trigger language plpgsql as $$
    begin
      if new.logs::text like '%▎%' or new.result::text like '%▎%' or new.error::text like '%▎%' then
        raise exception 'no equivalent in this encoding' using errcode = '22P05';
      end if;
      return new;
    end $$`);

async function refusingBars(work: () => Promise<void>): Promise<void> {
  await database.pool.query(
    'create trigger refuse_bars before update on trainings for each row execute function refuse_bars()',
  );
  try {
    await work();
  } finally {
    await database.pool.query('drop trigger refuse_bars on trainings');
  }
}

async function atFal(): Promise<Story> {
  const story = await begin(service);
  await dispatchTrainings(app);
  await submitTrainingJob.run(app, { training_id: story.id }, never);
  await story.is('in_queue');
  return story;
}

const answered = (body: string) => ({ kind: 'answered', status: 200, headers: {}, text: body }) as const;

/** Looks at the training as the clock does, while fal answers so. */
async function look(
  story: Story,
  { status, result = '{}' }: { status: object | Error; result?: string },
): Promise<void> {
  const fal = {
    ...app.fal,
    status: () =>
      status instanceof Error ? Promise.reject(status) : Promise.resolve(sortStatus(answered(JSON.stringify(status)))),
    result: () => Promise.resolve(sortResult(answered(result))),
  };
  const context = Object.create(app, { fal: { value: fal } }) as Context;
  await checkTraining(context, await story.training(), never);
}

const resultWith = async (story: Story, odd: string) => {
  const { archive_url: url } = await story.training();
  return `{"diffusers_lora_file":{"url":"${url}"},"config_file":{"url":"${url}"},"odd":${odd}}`;
};

t.test('a result that is learned by asking is taken up whatever stands beside its addresses', async (t) => {
  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  for (const odd of ['1e200000', '1e-200000', '9'.repeat(200_000), '"\\u0000\\ud800"', deep]) {
    const story = await atFal();
    await look(story, { status: { status: 'COMPLETED', logs: [] }, result: await resultWith(story, odd) });
    t.match(await story.training(), { status: 'verifying', result_source: 'poll' }, odd.slice(0, 20));
  }
});

t.test('what the database refuses of a log, a result or an error is left out, and the training goes on', async (t) => {
  await refusingBars(async () => {
    const story = await atFal();
    const logs = [{ message: bar, timestamp: 'now\u0000', level: 'INFO' }];
    await look(story, { status: { status: 'IN_PROGRESS', logs } });
    t.match(await story.training(), { status: 'in_progress', logs: [] });
    await look(story, { status: { status: 'COMPLETED', logs }, result: await resultWith(story, '"▎"') });
    t.match(await story.training(), { status: 'verifying', logs: [], result: { odd: undefined } });

    const failing = await atFal();
    await look(failing, {
      status: { status: 'COMPLETED', error: `broke at ${bar}`, error_type: 'internal_error', logs },
    });
    t.match(await failing.training(), { status: 'failed', error: { code: 'provider-error', detail: null } });
  });
});

t.test('a training leaves verifying though its log can not be stored', async (t) => {
  const story = await atFal();
  const job = await story.job();
  await sandbox.queue.complete(job);
  const { endpoint, fal_request_id: id } = await story.training();
  const result = await app.fal.result(endpoint, id ?? '');
  await look(story, { status: { status: 'COMPLETED', logs: [] }, result: result.kind === 'ok' ? result.raw : '' });
  t.match(await story.training(), { status: 'verifying' });
  await refusingBars(async () => {
    const status = () =>
      Promise.resolve(sortStatus(answered(JSON.stringify({ status: 'COMPLETED', logs: [{ message: bar }] }))));
    const context = Object.create(app, { fal: { value: { ...app.fal, status } } }) as Context;
    await verifyTrainingJob.run(context, { training_id: story.id }, never);
  });
  t.match(await story.training(), { status: 'succeeded', charged: 'yes' });
});

t.test('a training whose looks fail each time ends when it is over its time', async (t) => {
  const story = await atFal();
  const broken = { status: new TypeError('cannot read') };
  await t.rejects(look(story, broken), TypeError);
  await story.set("deadline_at = now() - interval '57 seconds'");
  await look(story, broken);
  t.match(await story.training(), { status: 'failed', error: { code: 'deadline-exceeded' }, charged: 'unknown' });
});

t.test('what can never be sent has failed, free, after one upload at most', async (t) => {
  const { avatarId } = await arrangeAvatar(app, { photos: 4, trainingType: 'style' });
  // The API takes no control characters; a row of an earlier version may have some.
  const { id } = await startTraining(app, avatarId, { steps: 20, trigger_phrase: 'a\0b' }).catch(async () => {
    const training = await startTraining(app, avatarId, { steps: 20 });
    await database.pool.query(
      `update trainings set settings = '{"steps": 20, "trigger_phrase": "a\\u0000b"}' where id = $1`,
      [training.id],
    );
    return training;
  });
  const uploads = sandbox.files.uploads().length;
  await dispatchTrainings(app);
  const fault = await submitTrainingJob.run(app, { training_id: id }, never).catch((error: unknown) => error);
  t.ok(fault instanceof Error);
  await submitTrainingJob.giveUp?.(app, { training_id: id });
  const { rows } = await database.pool.query(
    "select status, charged, error ->> 'code' as code from trainings where id = $1",
    [id],
  );
  t.same(rows, [{ status: 'failed', charged: 'no', code: 'preparation-failed' }]);
  t.ok(sandbox.files.uploads().length <= uploads + 1);
  t.equal(sandbox.submissions.list().filter(({ images_data_url: url }) => url === null).length, 0);
});

t.test('an archive that was uploaded before a fault is used by the next try', async (t) => {
  const story = await begin(service);
  await dispatchTrainings(app);
  await database.pool.query(`
    create function refuse_intent() returns trigger language plpgsql as $$
      begin raise exception 'not now' using errcode = '40001'; end $$;
    create trigger refuse_intent before update on trainings for each row when (new.status = 'submitting')
      execute function refuse_intent()`);
  const uploads = sandbox.files.uploads().length;
  for (let tries = 0; tries < 3; tries += 1)
    await t.rejects(submitTrainingJob.run(app, { training_id: story.id }, never));
  await database.pool.query('drop trigger refuse_intent on trainings');
  const { archive_url: url } = await story.training();
  await submitTrainingJob.run(app, { training_id: story.id }, never);
  t.match(await story.training(), { status: 'in_queue', archive_url: url ?? '', submissions: 1 });
  t.equal(sandbox.files.uploads().length, uploads + 1);
  t.same(
    story.posts().map(({ images_data_url: sent }) => sent),
    [url],
  );
});

t.test('photos are sent to fal a bounded number of times, and then the training has failed, free', async (t) => {
  const story = await begin(service);
  await dispatchTrainings(app);
  const uploads = sandbox.files.uploads().length;
  sandbox.faults.set([{ on: 'upload', fault: 'unavailable' }]);
  await submitTrainingJob.run(app, { training_id: story.id }, never);
  t.match(await story.training(), { status: 'queued', uploads: 0 }, 'what fal did not take is not counted');
  sandbox.faults.clear();
  await story.set("status = 'preparing', blocked_at = null, blocked_reason = null");
  await database.pool.query('delete from provider_circuit');
  await database.pool.query(`
    create function refuse_archive() returns trigger language plpgsql as $$
      begin raise exception 'not now' using errcode = '57014'; end $$;
    create trigger refuse_archive before update on trainings for each row
      when (new.archive_url is not null and new.status = 'preparing') execute function refuse_archive()`);
  for (let tries = 0; tries < 20; tries += 1)
    await t.rejects(submitTrainingJob.run(app, { training_id: story.id }, never));
  await submitTrainingJob.run(app, { training_id: story.id }, never);
  await submitTrainingJob.run(app, { training_id: story.id }, never);
  await database.pool.query('drop trigger refuse_archive on trainings');
  t.equal(sandbox.files.uploads().length - uploads, 20);
  t.match(await story.training(), {
    status: 'failed',
    charged: 'no',
    error: { code: 'preparation-failed', detail: { reason: /20 times/ } },
  });
  t.equal(story.posts().length, 0);
});

t.test('while the object store is away a training holds no room, and goes on after it', async (t) => {
  const story = await begin(service);
  await dispatchTrainings(app);
  const storage = { ...app.storage, stream: () => Promise.reject(new StorageError('unavailable', 'away')) };
  await submitTrainingJob.run(
    Object.create(app, { storage: { value: storage } }) as Context,
    { training_id: story.id },
    never,
  );
  t.match(await story.training(), { status: 'queued', blocked_reason: 'storage-unavailable' });
  const circuit = await database.pool.query('select reason from provider_circuit where reason is not null');
  t.same(circuit.rows, [], 'others are let in');
  await story.set("blocked_at = now() - interval '1 hour'");
  await dispatchTrainings(app);
  await submitTrainingJob.run(app, { training_id: story.id }, never);
  t.match(await story.training(), { status: 'in_queue' });
});

t.test('one that the database refuses to move keeps no other from its turn', async (t) => {
  const [stuck, next] = [await begin(service), await begin(service)];
  await database.pool.query(`
    create function refuse_one() returns trigger language plpgsql as $$
      begin raise exception 'never' using errcode = '22021'; end $$;
    create trigger refuse_one before update on trainings for each row
      when (new.id = '${stuck.id}' and new.status = 'preparing') execute function refuse_one()`);
  await dispatchTrainings(app);
  await database.pool.query('drop trigger refuse_one on trainings');
  t.match(await stuck.training(), { status: 'failed', error: { code: 'preparation-failed' }, charged: 'no' });
  t.match(await next.training(), { status: 'preparing' });
});

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { t } from '../../support/tap.ts';
import { createDatabase } from '../../../src/platform/db/client.ts';
import type { Context } from '../../../src/context.ts';
import { Problem } from '../../../src/errors.ts';
import {
  acceptLateResult,
  advanceTraining,
  dispatchTrainings,
  requestCancel,
  submitTrainingJob,
  verifyTrainingJob,
} from '../../../src/features/trainings/machine.ts';
import { trainingKind } from '../../../src/features/trainings/kind.ts';
import { errorOf } from '../../../src/features/trainings/failures.ts';
import { signalOfResult } from '../../../src/fal-jobs/fal-signals.ts';
import { deleteUser } from '../../../src/features/erasure/delete-user.ts';
import { startService } from '../../support/service.ts';
import { begin, type Story } from '../trainings/story.ts';

// No worker runs: the test makes each step, so that a deletion can come between any two.
const service = await startService(t, { role: 'api', sandbox: { settings: { concurrency: 100 } } });
const { app, sandbox, database, folder } = service;
const never = new AbortController().signal;

/** A context whose database, store and fal ask `before` ahead of every call that is waited for. */
function watched(before: () => Promise<void>): Context & { close(): Promise<void> } {
  const { pool, db, close } = createDatabase(database.url, { max: 4 });
  const [query, connect] = [pool.query.bind(pool), pool.connect.bind(pool)] as [Asked, Asked];
  pool.query = (async (...values: unknown[]) => (await before(), query(...values))) as never;
  // Within a query the pool connects by a callback; that is the same wait.
  pool.connect = ((...values: unknown[]) =>
    values.length > 0 ? connect(...values) : before().then(() => connect())) as never;
  const asking = <T extends object>(target: T): T =>
    new Proxy(target, {
      get: (of, name) => {
        const value: unknown = Reflect.get(of, name);
        if (typeof value !== 'function') return value;
        return async (...values: unknown[]) => (await before(), Reflect.apply(value, of, values) as unknown);
      },
    });
  return Object.create(app, {
    db: { value: db },
    storage: { value: asking(app.storage) },
    fal: { value: asking(app.fal) },
    close: { value: close },
  }) as Context & { close(): Promise<void> };
}
type Asked = (...values: unknown[]) => Promise<unknown>;

/** Deletes the user as a client would: what can still be cancelled is cancelled first. False when it is refused. */
async function erase(story: Story): Promise<boolean> {
  const { user_id: userId, status } = await story.training();
  if (userId === null) return false;
  try {
    if (status === 'preparing') await requestCancel(app, story.id);
    await deleteUser(app, userId);
    return true;
  } catch (error) {
    if (error instanceof Problem && error.code === 'training-running') return false;
    throw error;
  }
}

/** Does what the queue's workers would do now, and leaves what is meant for later. */
async function deleteObjects(): Promise<void> {
  const { rows } = await database.pool.query<{ data: { keys: string[] } }>(
    "delete from pgboss.job where name = 'storage.delete' and start_after <= now() returning data",
  );
  for (const { data } of rows) await app.storage.delete(data.keys);
}

async function stored(story: Story): Promise<string[]> {
  const all = await readdir(join(folder, 'storage'), { recursive: true, withFileTypes: true });
  const files = all.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return files.filter((path) => path.includes(story.id) || path.includes(story.avatarId));
}

const uploads = () => sandbox.files.uploads().length;
const posts = () => sandbox.submissions.list().length;

/** Runs a job of the story again and again, with the deletion before its first call, its second and so on. */
async function atEveryCall(
  arrange: () => Promise<Story>,
  run: (context: Context, story: Story) => Promise<void>,
  check: (deleted: { story: Story; uploads: number; posts: number; call: number }) => Promise<void>,
): Promise<{ calls: number; deletions: number }> {
  for (let call = 1, deletions = 0; ; call += 1) {
    const story = await arrange();
    let calls = 0;
    let deleted: { uploads: number; posts: number } | null = null;
    const context = watched(async () => {
      calls += 1;
      if (calls !== call || !(await erase(story))) return;
      await deleteObjects();
      deleted = { uploads: uploads(), posts: posts() };
    });
    // What is repeated after a fault finds the person gone as well.
    for (let tries = 0; tries < 2; tries += 1) await run(context, story).catch(() => undefined);
    await context.close();
    await deleteObjects();
    if (deleted) {
      deletions += 1;
      await check({ story, call, ...(deleted as { uploads: number; posts: number }) });
    }
    if (calls < call) return { calls: call - 1, deletions };
  }
}

async function prepared(): Promise<Story> {
  const story = await begin(service, { asked: { trigger_phrase: 'MARKER person' } });
  while (await dispatchTrainings(app)) continue;
  return story;
}

async function lateResult(): Promise<Story> {
  const story = await prepared();
  await submitTrainingJob.run(app, { training_id: story.id }, never);
  const job = await story.job();
  const requestId = (await story.training()).fal_request_id ?? '';
  await advanceTraining(app, story.id, {
    kind: 'give_up',
    error: errorOf('deadline-exceeded', null, requestId),
    charged: 'unknown',
    from: 'in_queue',
  });
  await sandbox.queue.complete(job);
  const training = await story.training();
  const result = await app.fal.result(training.endpoint, requestId);
  const success = signalOfResult(trainingKind, training, requestId, result, null);
  if (success?.kind !== 'success') throw new Error(`the sandbox gave no result: ${JSON.stringify(result)}`);
  await advanceTraining(app, story.id, success);
  return story;
}

t.test('at whatever call of a submission its user is deleted, nothing more is uploaded, sent or kept', async (t) => {
  const { calls, deletions } = await atEveryCall(
    prepared,
    (context, { id }) => submitTrainingJob.run(context, { training_id: id }, never),
    async ({ story, call, ...before }) => {
      t.equal(uploads(), before.uploads, `no upload after the deletion at call ${call}`);
      t.equal(posts(), before.posts, `no POST after the deletion at call ${call}`);
      t.same(await stored(story), [], `no object after the deletion at call ${call}`);
      const training = await story.training();
      t.match(training, { user_id: null, avatar_id: null, archive_url: null, status: 'cancelled', charged: 'no' });
      t.notMatch(JSON.stringify(training), /MARKER|https?:\/\/(?!127\.0\.0\.1:\d+\/webhooks)/, `call ${call}`);
    },
  );
  t.ok(calls > 8 && deletions > 5, `${calls} calls, deleted at ${deletions} of them`);
});

t.test('at whatever call of a late verification its user is deleted, no weights are kept', async (t) => {
  const { calls, deletions } = await atEveryCall(
    lateResult,
    (context, { id }) => verifyTrainingJob.run(context, { training_id: id }, never),
    async ({ story, call }) => {
      t.same(await stored(story), [], `no object after the deletion at call ${call}`);
      const training = await story.training();
      t.match(training, { user_id: null, avatar_id: null, late_artifacts: null, late_result: null, result: null });
      t.match(training, { status: 'failed', charged: 'yes' }, 'what it cost stays');
      t.notMatch(JSON.stringify(training), /MARKER|safetensors/, `call ${call}`);
      await t.rejects(acceptLateResult(app, story.id), { code: 'invalid-state' });
    },
  );
  t.ok(calls > 8 && deletions > 8, `${calls} calls, deleted at ${deletions} of them`);
});

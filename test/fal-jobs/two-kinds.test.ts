import { randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { explain } from '../../lab/bench/hot-queries.ts';
import { dispatchJobs } from '../../src/fal-jobs/dispatch.ts';
import type { JobKind } from '../../src/fal-jobs/kind.ts';
import { findNext, freePlaces, inTurn } from '../../src/fal-jobs/places.ts';
import { refuseBeyondQueue } from '../../src/fal-jobs/queue-room.ts';
import { reconcileSubmission } from '../../src/fal-jobs/reconcile-submission.ts';
import { jobStore } from '../../src/fal-jobs/store.ts';
import { jobToken, readJobToken } from '../../src/fal-jobs/token.ts';
import { trainingKind } from '../../src/features/trainings/kind.ts';
import type { Db } from '../../src/platform/db/client.ts';
import { transact, type Tx } from '../../src/platform/db/transact.ts';
import { sign } from '../../src/platform/http/signer.ts';
import { startService } from '../support/service.ts';
import { t } from '../support/tap.ts';

/** A second kind over its own table, of which dispatch and limits see what is here. */
const imageKind = {
  ...trainingKind,
  name: 'generation',
  store: jobStore('generation'),
  room: ({ generation, limits }) => ({
    running: generation.maxRunning,
    runningPerUser: generation.maxRunningPerUser,
    queued: limits.queuedGenerations,
    queuedPerUser: limits.queuedGenerationsPerUser,
  }),
  longestRunMs: () => 600_000,
  locksAvatar: () => false,
  changes: () => ({}),
  after: () => Promise.resolve(),
  publish: () => Promise.resolve(),
} as JobKind;
const kinds = [imageKind, trainingKind as JobKind];

async function start(environment: Record<string, string>) {
  const { app } = await startService(t, { role: 'api', environment });
  const sent: string[] = [];
  const enqueue = async (_tx: Tx, { name }: { name: string }) => void sent.push(name);
  return { app, context: { ...contextOf(app), jobs: { ...app.jobs, enqueue } } as unknown as typeof app };
}

function contextOf({ config, db, log, wakeups, pool }: Awaited<ReturnType<typeof startService>>['app']) {
  return { config, db, log, wakeups, pool };
}

async function addUser(db: Db): Promise<string> {
  const id = uuidv7();
  await db.execute(sql`
    insert into users (id, first_name, language_code, is_premium, is_bot, is_blocked, created_at, updated_at)
    values (${id}, 'A', 'en', false, false, false, now(), now())`);
  return id;
}

async function addTrainings(db: Db, userId: string, count: number): Promise<void> {
  await db.execute(sql`
    insert into trainings (id, user_id, attempt, training_type, trainer, endpoint, status, fal_priority, settings,
      photo_manifest, sandbox, estimated_cost_usd, submissions, progress, logs, created_at, updated_at, checks,
      deadline_at, next_check_at)
    select gen_random_uuid(), ${userId}, 1, 'portrait', 'portrait', 'e', 'queued', 'normal', '{}', '[]', true, 1, 0, 0, '[]',
      now() - interval '1 hour', now(), 0, now() + interval '1 day', now() + interval '1 day'
    from generate_series(1, ${count}::int)`);
}

/** @param ended how many have ended and were sent a month ago; others wait */
async function addGenerations(db: Db, userId: string, count: number, ended = false): Promise<void> {
  await db.execute(sql`
    insert into generations (id, user_id, model, endpoint, status, fal_priority, sandbox, estimated_cost_usd, prompt,
      final_prompt, trigger, preset, width, height, num_images, seed, settings, warnings, lora_sha256, fingerprint,
      submissions, images_ok, created_at, updated_at, checks, deadline_at, next_check_at, submitted_at, ended_at, charged)
    select gen_random_uuid(), ${userId}, 'm', 'e', case when ${ended} then 'cancelled' else 'queued' end::trainingstatus,
      'normal', true, 1, 'p', 'p', 'none', 'balanced', 1024, 1024, 1, 1, '{}', '[]', '', '', 0, 0,
      now() - interval '1 minute', now(), 0, now() + interval '1 day',
      case when not ${ended} then now() + interval '1 day' end, case when ${ended} then now() - interval '30 days' end,
      case when ${ended} then now() end, case when ${ended} then 'no' end
    from generate_series(1, ${count}::int)`);
}

async function count(db: Db, table: 'trainings' | 'generations', status: string): Promise<number> {
  const { rows } = await db.execute<{ count: number }>(
    sql`select count(*)::int as count from ${sql.identifier(table)} where status = ${status}`,
  );
  return rows[0]?.count ?? 0;
}

const end = (db: Db, table: 'trainings' | 'generations') =>
  db.execute(sql`
    update ${sql.identifier(table)} set status = 'cancelled', ended_at = now(), charged = 'no', submitted_at = now(),
      next_check_at = null where status = 'preparing'`);

t.test('a token names the kind of its job, and those of earlier versions are of trainings', async (t) => {
  const secret = randomBytes(32);
  const [jobId, submissionId] = [uuidv7(), uuidv7()];
  for (const kind of ['training', 'generation'] as const) {
    const bytes = Buffer.from(jobToken(secret, { kind, jobId, submissionId }), 'base64url');
    t.equal(bytes.length, 49);
    t.same(readJobToken(secret, bytes.toString('base64url')), { kind, jobId, submissionId });
    bytes.writeUInt8(3 - (bytes[0] ?? 0), 0);
    t.equal(readJobToken(secret, bytes.toString('base64url')), null, 'no token is of another kind');
  }
  const ids = Buffer.from(`${jobId}${submissionId}`.replaceAll('-', ''), 'hex');
  const former = Buffer.concat([ids, sign(secret, 'attempt', ids)]).toString('base64url');
  t.same(readJobToken(secret, former), { kind: 'training', jobId, submissionId });
});

t.test('with two places one training is let in, and an image takes the other', async (t) => {
  const { app, context } = await start({ FAL_CONCURRENCY: '2' });
  const userId = await addUser(app.db);
  await addTrainings(app.db, userId, 3);
  await addGenerations(app.db, userId, 3);
  t.equal(await dispatchJobs(context, kinds), 2);
  t.equal(await count(app.db, 'trainings', 'preparing'), 1);
  t.equal(await count(app.db, 'generations', 'preparing'), 1);
  t.equal(await dispatchJobs(context, kinds), 0, 'the account has no more places');
  await end(app.db, 'generations');
  t.equal(await dispatchJobs(context, kinds), 1);
  t.equal(await count(app.db, 'generations', 'preparing'), 1, 'an image waits for no training');
});

t.test('with one place trainings and images take turns, images first', async (t) => {
  const { app, context } = await start({ FAL_CONCURRENCY: '1' });
  const userId = await addUser(app.db);
  await addTrainings(app.db, userId, 2);
  await addGenerations(app.db, userId, 3);
  for (const table of ['generations', 'trainings', 'generations', 'trainings', 'generations'] as const) {
    t.equal(await dispatchJobs(context, kinds), 1, table);
    t.equal(await count(app.db, table, 'preparing'), 1, `the turn of ${table}`);
    await end(app.db, table);
  }
});

t.test('while fal refuses the account, what is cheap and quick probes', async (t) => {
  const { app, context } = await start({ FAL_CONCURRENCY: '2' });
  const userId = await addUser(app.db);
  await addTrainings(app.db, userId, 2);
  await addGenerations(app.db, userId, 2);
  await app.db.execute(sql`
    insert into provider_circuit (id, reason, opened_at, probe_at, failures, updated_at)
    values (1, 'provider-locked', now(), now(), 1, now())`);
  await dispatchJobs(context, kinds);
  t.equal(await count(app.db, 'generations', 'preparing'), 1);
  t.equal(await count(app.db, 'trainings', 'preparing'), 0);
});

t.test('a day’s submissions of a user are counted over both kinds', async (t) => {
  const { app } = await start({ MAX_SUBMISSIONS_PER_USER_PER_DAY: '4', MAX_QUEUED_GENERATIONS_PER_USER: '3' });
  const [userId, other] = [await addUser(app.db), await addUser(app.db)];
  await addTrainings(app.db, userId, 2);
  await addGenerations(app.db, userId, 1);
  const room = (whose: string, wanted: number) =>
    transact(app, (tx) => refuseBeyondQueue(tx, app.config, imageKind, whose, wanted));
  await room(userId, 1);
  await t.rejects(room(userId, 2), { code: 'submission-limit-reached' });
  await t.rejects(room(other, 4), { code: 'queue-full' });
  await room(other, 3);
});

t.test('whose turn it is, is asked of an index, however many generations have ended', async (t) => {
  const { app } = await start({ FAL_CONCURRENCY: '1' });
  const userId = await addUser(app.db);
  await addGenerations(app.db, userId, 30_000, true);
  await addTrainings(app.db, userId, 3);
  await app.db.execute(sql`analyze generations, trainings, users`);
  const client = await app.pool.connect();
  t.teardown(() => client.release());
  const queries: Record<string, (db: Db) => Promise<unknown>> = {
    turn: (db) => inTurn({ db, config: app.config }, kinds),
    places: (db) => freePlaces(db, app.config, imageKind),
    next: (db) => findNext(db, app.config, imageKind, 50),
  };
  for (const [name, run] of Object.entries(queries)) {
    const plan = await explain(client, { name, run, uses: [] });
    t.match(plan, /ix_generations_/, `${name} uses an index`);
    t.notMatch(plan, /Seq Scan on generations/, name);
  }
});

t.test(
  'a request in the records of fal is taken by one submission, and by none where two have its input',
  async (t) => {
    const { app } = await start({});
    const { db, config, log } = app;
    const userId = await addUser(db);
    await addGenerations(db, userId, 3);
    await db.execute(sql`
    update generations set status = 'submitting', submission_id = id, fal_input = '{"seed":1}', submitted_at = now(),
      submit_unknown_at = now()`);
    const { rows } = await db.execute<{ id: string }>(sql`select id from generations order by id`);
    const [one = '', twin = '', taker = ''] = rows.map(({ id }) => id);
    await db.execute(
      sql`update generations set status = 'in_queue', submit_unknown_at = null, fal_request_id = 'taken' where id = ${taker}`,
    );
    const windows: number[] = [];
    const findRequests: typeof app.fal.findRequests = async (endpoint, { start: from, end: to }) => {
      windows.push(Number(to) - Number(from));
      const found = { endpoint, sentAt: null, startedAt: null, endedAt: null, statusCode: null, input: { seed: 1 } };
      return { items: ['taken', 'free'].map((falRequestId) => ({ ...found, falRequestId })), nextCursor: null };
    };
    const kind = { ...imageKind, isOurs: () => true };
    const settle = async () => {
      const row = await kind.store.find(db, one);
      if (!row) throw new Error('it is gone');
      return reconcileSubmission(
        { fal: { ...app.fal, findRequests }, db, config, log },
        kind,
        row,
        AbortSignal.timeout(10_000),
      );
    };
    t.equal(await settle(), null, 'nothing tells which of the two it is');
    await db.execute(sql`
    update generations set status = 'cancelled', ended_at = now(), charged = 'no', submit_unknown_at = null where id = ${twin}`);
    t.match(await settle(), { kind: 'accepted', falRequestId: 'free' });
    t.ok(
      windows.every((ms) => ms > 600_000 && ms < 700_000),
      'searched around the time of the submission',
    );
  },
);

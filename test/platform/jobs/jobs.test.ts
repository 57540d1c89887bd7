import pino from 'pino';
import { t, type Test } from '../../support/tap.ts';
import { type Static, type TSchema, Type } from 'typebox';
import { type Job, type JobSpec, defineJob } from '../../../src/platform/jobs/define.ts';
import { createJobs, type EnqueueOptions, type Jobs } from '../../../src/platform/jobs/jobs.ts';
import { transact } from '../../../src/platform/db/transact.ts';
import { topicOf } from '../../../src/topics.ts';
import { unitOf } from '../../support/unit.ts';
import { createWakeups, type Wakeups } from '../../../src/platform/jobs/wakeups.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.ts';
import { until } from '../../support/until.ts';

const log = pino({ level: 'silent' });
const database = await createTestDatabase(t);
const wakeups = await createWakeups(database.url, log);
t.teardown(() => wakeups.close());
const alone = { supervise: false, checkIntervalMs: 500 };
const data = Type.Object({ number: Type.Integer() });

/** A job of its own name, which notes what it ran and waits where it is told to. */
function job(
  name: string,
  run: (number: number, signal: AbortSignal) => Promise<void>,
  more: Partial<Parameters<typeof defineJob<null, typeof data>>[0]> = {},
) {
  return defineJob<null, typeof data>({
    name,
    data,
    ...more,
    run: (_context, { number }, signal) => run(number, signal),
  });
}

async function open(t: Test, { pool }: TestDatabase, woken: Wakeups, ...list: Job<null>[]): Promise<Jobs> {
  const jobs = await createJobs({ pool, wakeups: woken, log, list, ...alone });
  t.teardown(() => jobs.stop(1000));
  await jobs.work(null, list);
  return jobs;
}

// Without a wake-up, which each test decides on.
function enqueued<T extends TSchema>(
  jobs: Jobs,
  job: JobSpec<T>,
  data: Static<T>,
  options?: EnqueueOptions,
): Promise<void> {
  return transact(unitOf(database.db), (tx) => jobs.enqueue(tx, job, data, options));
}

t.test('a job exists exactly when the rest of its transaction does', async (t) => {
  const ran: number[] = [];
  const noted = job('noted', async (number) => void ran.push(number));
  const jobs = await open(t, database, wakeups, noted);
  await t.rejects(
    transact(unitOf(database.db), async (tx) => {
      await jobs.enqueue(tx, noted, { number: 1 });
      throw new Error('rolled back');
    }),
    /rolled back/,
  );
  await transact(unitOf(database.db), async (tx) => {
    await jobs.enqueue(tx, noted, { number: 2 });
    wakeups.wake(topicOf(noted));
    const seen = await database.pool.query("select from pgboss.job where name = 'noted'");
    t.equal(seen.rowCount, 0, 'nobody sees it before the commit');
  });
  wakeups.wake(topicOf(noted));
  await until('the run', () => ran.length > 0);
  t.same(ran, [2]);
});

t.test('of jobs with one key there is one, waiting or running', async (t) => {
  const ran: number[] = [];
  const held = Promise.withResolvers<void>();
  const keyed = job(
    'keyed',
    async (number) => {
      ran.push(number);
      await held.promise;
    },
    { key: ({ number }) => String(number % 10) },
  );
  const jobs = await open(t, database, wakeups, keyed);
  const enqueue = (number: number) => enqueued(jobs, keyed, { number });
  await enqueue(1);
  await enqueue(11);
  wakeups.wake(topicOf(keyed));
  await until('the run', () => ran.length === 1);
  await enqueue(21);
  await enqueue(2);
  wakeups.wake(topicOf(keyed));
  await until('the other key', () => ran.length === 2);
  held.resolve();
  await until('their ends', async () => {
    const { rows } = await database.pool.query(
      "select state, data->'number' as number from pgboss.job where name = 'keyed'",
    );
    return rows.every(({ state }) => state === 'completed');
  });
  t.same(ran, [1, 2]);
  await enqueue(31);
  wakeups.wake(topicOf(keyed));
  await until('the next', () => ran.length === 3);
  t.equal(ran[2], 31, 'after its end the key is free');
});

t.test('a job that throws is run again, and one whose data make no sense is not run at all', async (t) => {
  const ran: number[] = [];
  const failing = job('failing', async (number) => {
    ran.push(number);
    if (ran.length === 1) throw new Error('not yet');
  });
  const jobs = await open(t, database, wakeups, failing);
  await enqueued(jobs, failing, { number: 5 });
  wakeups.wake(topicOf(failing));
  await until('the second run', () => ran.length === 2);
  t.same(ran, [5, 5]);
  await database.pool.query(`insert into pgboss.job (name, data) values ('failing', '{"number": "x"}')`);
  wakeups.wake(topicOf(failing));
  await until('its end', async () => {
    const { rows } = await database.pool.query(
      "select state from pgboss.job where name = 'failing' and data->>'number' = 'x'",
    );
    return rows[0]?.state === 'completed';
  });
  t.equal(ran.length, 2);
});

t.test('what the data make impossible ends a job, which may say what follows', async (t) => {
  const [ran, given] = [[] as number[], [] as number[]];
  const impossible = job('impossible', async (number) => {
    ran.push(number);
    await database.pool.query("select 'NaN'::int");
  });
  const ending = {
    ...impossible,
    giveUp: async (_: unknown, { number }: { number: number }) => void given.push(number),
  };
  const jobs = await open(t, database, wakeups, ending);
  await enqueued(jobs, ending, { number: 7 });
  wakeups.wake(topicOf(ending));
  const stateOf = async () =>
    (await database.pool.query("select state, output from pgboss.job where name = 'impossible'")).rows[0];
  await until('its end', async () => (await stateOf()).state === 'completed');
  t.same([ran, given], [[7], [7]]);
});

t.test('jobs of higher priority come first', async (t) => {
  const ran: number[] = [];
  const ordered = job('ordered', async (number) => void ran.push(number), { concurrency: 1 });
  const first = await createJobs({ pool: database.pool, wakeups, log, list: [ordered], ...alone });
  await enqueued(first, ordered, { number: 1 });
  await enqueued(first, ordered, { number: 2 }, { priority: 1 });
  await enqueued(first, ordered, { number: 3 }, { startAfter: new Date(Date.now() + 3_600_000) });
  await first.stop(0);
  await open(t, database, wakeups, ordered);
  await until('both', () => ran.length === 2);
  t.same(ran, [2, 1], 'and what is not due does not come');
});

t.test('one wake-up is enough for all that wait', async (t) => {
  const ran = new Set<number>();
  const three = Promise.withResolvers<void>();
  let most = 0;
  let running = 0;
  const many = job(
    'many',
    async (number) => {
      running += 1;
      most = Math.max(most, running);
      if (running === 3) three.resolve();
      await three.promise;
      // Its neighbours need not wait for it.
      await database.pool.query('select 1');
      ran.add(number);
      running -= 1;
    },
    { concurrency: 3 },
  );
  const jobs = await open(t, database, wakeups, many);
  for (let number = 0; number < 90; number += 1) await enqueued(jobs, many, { number });
  wakeups.wake(topicOf(many));
  // With a poll before each it would take twice as long.
  await until('all of them', () => ran.size === 90, 8000);
  t.equal(most, 3, 'as many at a time as there may be');
});

t.test('a stop lets what runs end within the grace, and takes nothing new', async (t) => {
  const ran: string[] = [];
  const held = Promise.withResolvers<void>();
  const slow = job(
    'slow',
    async (number) => {
      ran.push(`begins ${number}`);
      await held.promise;
      ran.push(`ends ${number}`);
    },
    { concurrency: 1 },
  );
  const jobs = await createJobs({ pool: database.pool, wakeups, log, list: [slow], ...alone });
  await jobs.work(null, [slow]);
  await enqueued(jobs, slow, { number: 1 });
  await enqueued(jobs, slow, { number: 2 });
  wakeups.wake(topicOf(slow));
  await until('the first', () => ran.length === 1);
  const stopped = jobs.stop(5000);
  held.resolve();
  await stopped;
  t.same(ran, ['begins 1', 'ends 1']);
  const { rows } = await database.pool.query(
    "select data->'number' as number, state from pgboss.job where name = 'slow' order by created_on",
  );
  t.same(
    rows,
    [
      { number: 1, state: 'completed' },
      { number: 2, state: 'created' },
    ],
    'the other waits for another worker',
  );
});

t.test('what does not end within the grace is told so, and handed back', async (t) => {
  const signals: AbortSignal[] = [];
  const endless = job('endless', (_number, signal) => {
    signals.push(signal);
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  });
  const jobs = await createJobs({ pool: database.pool, wakeups, log, list: [endless], ...alone });
  await jobs.work(null, [endless]);
  await enqueued(jobs, endless, { number: 1 });
  wakeups.wake(topicOf(endless));
  await until('the run', () => signals.length === 1);
  const begun = performance.now();
  await jobs.stop(200);
  t.ok(performance.now() - begun < 3000);
  t.equal(signals[0]?.aborted, true);
  const { rows } = await database.pool.query("select state from pgboss.job where name = 'endless'");
  t.same(rows, [{ state: 'retry' }]);
});

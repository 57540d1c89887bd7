import pino from 'pino';
import { t } from '../../support/tap.ts';
import { defineRecurringJob } from '../../../src/platform/jobs/define.ts';
import { createRecurrence } from '../../../src/platform/jobs/recurrence.ts';
import { createWakeups } from '../../../src/platform/jobs/wakeups.ts';
import { createTestDatabase } from '../../support/postgres.ts';
import { until } from '../../support/until.ts';

const log = pino({ level: 'silent' });
const database = await createTestDatabase(t);
const here = await createWakeups(database.url, log);
const there = await createWakeups(database.url, log);
t.teardown(() => Promise.all([here.close(), there.close()]));

t.test('whoever waits for a topic is woken, here at once and in other processes soon, once for many', async (t) => {
  const heard: string[] = [];
  const off = here.on('job:a', () => heard.push('here a'));
  there.on('job:a', () => heard.push('there a'));
  there.on('job:b', () => heard.push('there b'));
  for (let count = 0; count < 100; count += 1) here.wake('job:a');
  t.equal(heard.length, 100, 'here it is a call');
  here.wake('job:b');
  await until('the others', () => heard.includes('there b'));
  const theirs = heard.filter((line) => line.startsWith('there'));
  t.same(theirs, ['there a', 'there b'], 'they are told once of each');
  off();
  here.wake('job:a');
  t.equal(heard.filter((line) => line === 'here a').length, 100, 'nobody listens any more');
  await until('the others', () => heard.filter((line) => line === 'there a').length === 2);
});

t.test('a lost connection is made anew, and everyone looks for what they missed', async (t) => {
  const heard: string[] = [];
  there.on('job:c', () => heard.push('there'));
  here.on('job:c', () => heard.push('here'));
  await database.pool.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'likeness wakeups' and datname = current_database()",
  );
  here.wake('job:c');
  t.same(heard, ['here'], 'here nothing depends on the connection');
  await until(
    'the new connections',
    () => heard.includes('there') && heard.filter((who) => who === 'here').length === 2,
  );
  heard.length = 0;
  here.wake('job:c');
  await until('a wake-up over them', () => heard.includes('there'));
});

const faults: unknown[] = [];
const aside = {
  wakeups: here,
  stopping: new AbortController().signal,
  tellFault: (error: unknown, _: string, about?: object) => void faults.push([String(error), about]),
};

t.test('recurring work runs at start, on wake-up, and one at a time', async (t) => {
  let running = 0;
  let most = 0;
  let runs = 0;
  let held = Promise.withResolvers<void>();
  const job = defineRecurringJob({
    name: 'looking',
    topic: 'job:looking',
    everyMs: () => 3_600_000_000,
    async run() {
      running += 1;
      most = Math.max(most, running);
      await held.promise;
      running -= 1;
      runs += 1;
      return false;
    },
  });
  const recurrence = createRecurrence(null, job, aside);
  await until('the first run', () => running === 1);
  for (let count = 0; count < 10; count += 1) here.wake('job:looking');
  held.resolve();
  await until('the one for all that woke it meanwhile', () => runs === 2);
  t.equal(most, 1);
  held = Promise.withResolvers();
  here.wake('job:looking');
  await until('the run', () => running === 1);
  let stopped = false;
  const stop = recurrence.stop().then(() => {
    stopped = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  t.notOk(stopped, 'a stop waits for what runs');
  held.resolve();
  await stop;
  here.wake('job:looking');
  t.equal(runs, 3, 'and after it nothing runs');
});

t.test('recurring work goes on where there is more, when its time has come, and after a fault', async (t) => {
  const outcomes = [true, true, new Error('a fault'), false];
  let runs = 0;
  const job = defineRecurringJob({
    name: 'counting',
    topic: 'job:counting',
    everyMs: () => 10,
    async run() {
      runs += 1;
      const outcome = outcomes.shift() ?? false;
      if (outcome instanceof Error) throw outcome;
      return outcome;
    },
  });
  const recurrence = createRecurrence(null, job, aside);
  await until('more runs than outcomes', () => runs > 6);
  await recurrence.stop();
  t.equal(outcomes.length, 0);
  t.same(faults, [['Error: a fault', { job: 'counting' }]], 'which is told');
});

t.test('a run that never ends is told and aborted, and the next one begins', async (t) => {
  faults.length = 0;
  const signals: AbortSignal[] = [];
  const job = defineRecurringJob({
    name: 'hanging',
    everyMs: () => 10,
    run: (_, signal) => (signals.push(signal) === 1 ? new Promise(() => undefined) : Promise.resolve(false)),
  });
  const recurrence = createRecurrence(null, job, { ...aside, limitMs: 50 });
  await until('a run after it', () => signals.length > 1);
  await recurrence.stop();
  t.equal(signals[0]?.aborted, true);
  t.same(faults, [['Error: a run did not end within 0.05 s', { job: 'hanging' }]]);
});

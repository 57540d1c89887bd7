import type { RecurringJob, Slots } from '../../../src/platform/jobs/define.ts';
import { createRecurrence } from '../../../src/platform/jobs/recurrence.ts';
import { t, type Test } from '../../support/tap.ts';
import { until } from '../../support/until.ts';

type Work = { end: (isMore: boolean) => void; fail: (error: Error) => void; signal: AbortSignal };

/** A job with two slots, whose runs and work end as the test says. It is due by wake-up alone. */
function arrange(t: Test, { limitMs = 60_000 }: { limitMs?: number } = {}) {
  const state = { runs: 0, closed: false, work: [] as Work[], faults: [] as string[] };
  let wake = () => {};
  const begin = (slots: Slots) =>
    slots.begin((signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<boolean>();
      state.work.push({ end: resolve, fail: reject, signal });
      return promise;
    });
  const job: RecurringJob<null> = {
    kind: 'recurring',
    name: 'digging',
    topic: 'job:digging',
    everyMs: () => 3_600_000,
    slots: 2,
    start: () => ({
      async run(_signal, slots) {
        state.runs += 1;
        t.ok(slots.free > 0, 'it runs only while a slot is free');
        begin(slots);
        return true;
      },
      async close() {
        state.closed = true;
      },
    }),
  };
  const recurrence = createRecurrence(null, job, {
    wakeups: {
      on(_topic, listener) {
        wake = listener;
        return () => undefined;
      },
    },
    stopping: new AbortController().signal,
    tellFault: (error, sentence) => void state.faults.push(`${sentence}: ${String(error)}`),
    limitMs,
  });
  return { state, recurrence, wake: () => wake() };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

t.test('a job fills its slots, and what it could not begin is begun when one is free', async (t) => {
  const { state, recurrence } = arrange(t);
  await until('both slots', () => state.work.length === 2);
  await turn();
  t.equal(state.runs, 2, 'there was more, and no slot');
  state.work[0]?.end(false);
  await until('a third', () => state.work.length === 3);
  for (const { end } of state.work) end(false);
  await until('two more', () => state.work.length > 3);
  const stop = recurrence.stop();
  await turn();
  t.notOk(state.closed, 'the end waits for the work');
  for (const { end } of state.work) end(true);
  await stop;
  const { runs } = state;
  await turn();
  t.equal(state.runs, runs, 'and after it nothing begins');
  t.ok(state.closed);
});

t.test('a wake-up while all slots are taken is made good when one is free', async (t) => {
  const begun: ((isMore: boolean) => void)[] = [];
  let wake = () => {};
  const job: RecurringJob<null> = {
    kind: 'recurring',
    name: 'draining',
    topic: 'job:draining',
    everyMs: () => 3_600_000,
    slots: 1,
    start: () => ({
      async run(_signal, slots) {
        slots.begin(() => new Promise((resolve) => begun.push(resolve)));
        return false;
      },
    }),
  };
  const recurrence = createRecurrence(null, job, {
    wakeups: {
      on(_topic, listener) {
        wake = listener;
        return () => undefined;
      },
    },
    stopping: new AbortController().signal,
    tellFault: (error) => t.fail(String(error)),
  });
  await until('the first', () => begun.length === 1);
  wake();
  await turn();
  t.equal(begun.length, 1, 'no slot is free');
  begun[0]?.(false);
  await until('the second, for the wake-up', () => begun.length === 2);
  begun[1]?.(false);
  await turn();
  await turn();
  t.equal(begun.length, 2, 'work that says that nothing is left calls for no run');
  wake();
  await until('the third', () => begun.length === 3);
  begun[2]?.(true);
  await until('the fourth, since there was more', () => begun.length === 4);
  begun[3]?.(false);
  await recurrence.stop();
});

t.test('a turn by the clock that finds no slot free is left out', async (t) => {
  const begun: ((isMore: boolean) => void)[] = [];
  let turns = 0;
  const job: RecurringJob<null> = {
    kind: 'recurring',
    name: 'ticking',
    everyMs: () => (turns++ < 5 ? 1 : 3_600_000),
    slots: 1,
    start: () => ({
      async run(_signal, slots) {
        slots.begin(() => new Promise((resolve) => begun.push(resolve)));
        return false;
      },
    }),
  };
  const recurrence = createRecurrence(null, job, {
    wakeups: { on: () => () => undefined },
    stopping: new AbortController().signal,
    tellFault: (error) => t.fail(String(error)),
  });
  await until('the clock to come round', () => turns > 5);
  begun[0]?.(false);
  await turn();
  await turn();
  t.equal(begun.length, 1);
  await recurrence.stop();
});

t.test('work that never ends is told and aborted, and its slot is free again', async (t) => {
  const { state, recurrence } = arrange(t, { limitMs: 30 });
  await until('work after it', () => state.work.length > 4);
  t.ok(state.work[0]?.signal.aborted);
  t.match(state.faults[0], /work of a recurring job failed: Error: work in a slot did not end within 0.03 s/);
  await recurrence.stop();
  t.ok(state.closed);
});

t.test('work that throws is told, and waits for the next turn', async (t) => {
  const { state, recurrence, wake } = arrange(t);
  await until('both slots', () => state.work.length === 2);
  state.work[0]?.fail(new Error('no'));
  await until('the one that was held up', () => state.work.length === 3);
  t.same(state.faults, ['work of a recurring job failed: Error: no']);
  wake();
  const stop = recurrence.stop();
  for (const { end } of state.work) end(false);
  await stop;
});

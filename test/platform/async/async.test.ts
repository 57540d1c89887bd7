import { singleFlight } from '../../../src/platform/async/single-flight.ts';
import { endsWithin, withTimeout } from '../../../src/platform/async/timeout.ts';
import { ttlCache } from '../../../src/platform/async/ttl-cache.ts';
import { createWaker } from '../../../src/platform/async/waker.ts';
import { t } from '../../support/tap.ts';

const never = new Promise<never>(() => undefined);
const late = () => new Error('late');

t.test('a time-out tells whether a promise ended, and passes its rejection on', async (t) => {
  t.equal(await endsWithin(60_000, Promise.resolve()), true);
  t.equal(await endsWithin(1, never), false);
  await t.rejects(endsWithin(60_000, Promise.reject(new Error('no'))), { message: 'no' });
  const failing = Promise.withResolvers<void>();
  t.equal(await endsWithin(1, failing.promise), false);
  failing.reject(new Error('rejected when nobody waits any more'));
});

t.test('what makes progress is awaited, and what makes none for the time is given up', async (t) => {
  t.equal(await withTimeout(60_000, Promise.resolve(1), late), 1);
  await t.rejects(withTimeout(1, never, late), { message: 'late' });
  let done = 0;
  const { promise, resolve } = Promise.withResolvers<string>();
  const progress = () => {
    done += 1;
    if (done === 5) resolve('done');
    return done;
  };
  t.equal(await withTimeout(1, promise, late, progress), 'done');
  await t.rejects(
    withTimeout(1, never, late, () => 7),
    { message: 'late' },
  );
});

t.test('calls during a run share its outcome, and the next call runs again', async (t) => {
  const runs: PromiseWithResolvers<number>[] = [];
  const call = singleFlight(() => {
    const run = Promise.withResolvers<number>();
    runs.push(run);
    return run.promise;
  });
  const shared = [call(), call(), call()];
  t.equal(runs.length, 1);
  runs[0]?.resolve(1);
  t.strictSame(await Promise.all(shared), [1, 1, 1]);
  const failing = [call(), call()];
  t.equal(runs.length, 2);
  runs[1]?.reject(new Error('no'));
  t.strictSame(
    (await Promise.allSettled(failing)).map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  void call();
  t.equal(runs.length, 3, 'a failure is not kept');
});

t.test('a cache shares a load by name, keeps no failure, and forgets all when it is full', async (t) => {
  const loads: string[] = [];
  const find = ttlCache(
    async (name: string) => {
      loads.push(name);
      if (name === 'broken') throw new Error('no');
      return name.toUpperCase();
    },
    { ttlMs: 60_000, most: 2 },
  );
  t.strictSame(await Promise.all([find('a'), find('a'), find('b')]), ['A', 'A', 'B']);
  t.strictSame(loads, ['a', 'b']);
  await t.rejects(find('broken'));
  await t.rejects(find('broken'));
  t.strictSame(loads.splice(0), ['a', 'b', 'broken', 'broken']);
  await find('a');
  await find('b');
  await find('c');
  await find('a');
  t.strictSame(loads, ['a', 'b', 'c', 'a'], 'no more than two are kept');
  const brief = ttlCache(async (name: string) => loads.push(name), { ttlMs: 0, most: 2 });
  t.not(await brief('a'), await brief('a'), 'nor longer than they may be');
});

t.test('a waker remembers that it was woken, once, and else waits for the time', async (t) => {
  const waker = createWaker();
  waker.wake();
  waker.wake();
  await waker.wait();
  t.equal(await endsWithin(1, waker.wait()), false, 'twice woken is woken once');
  waker.wake();
  await waker.wait(2 ** 40);
  await waker.wait(1);
  const waiting = waker.wait(2 ** 40);
  waker.wake();
  await waiting;
});

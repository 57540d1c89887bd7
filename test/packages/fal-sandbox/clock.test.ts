import { t } from '../../support/tap.ts';
import { createClock } from '../../../packages/fal-sandbox/src/clock.ts';

const errors: unknown[] = [];
const still = () => createClock({ speed: 0, patienceMs: 100, onError: (error) => errors.push(error) });

t.test('advance runs what falls due in order, each at its time, and what it sets in turn', async (t) => {
  const clock = still();
  const start = clock.now();
  const seen: [string, number][] = [];
  const note = (name: string) => () => {
    seen.push([name, (clock.now() - start) / 1000]);
  };
  clock.after(20, note('late'));
  clock.after(5, () => {
    note('first')();
    clock.after(5, note('set on the way'));
  });
  clock.after(5, note('second'));
  clock.after(30, note('never'));
  clock.after(6, note('taken back'))();
  await clock.advance(25);
  t.strictSame(seen, [
    ['first', 5],
    ['second', 5],
    ['set on the way', 10],
    ['late', 20],
  ]);
  t.equal(clock.now() - start, 25_000);
});

t.test('time waits for what a task does, and calls of advance follow each other', async (t) => {
  const clock = still();
  const seen: string[] = [];
  clock.after(1, async () => {
    await new Promise(setImmediate);
    seen.push('slow');
    clock.after(1, () => void seen.push('next'));
  });
  clock.after(3, () => void seen.push('third'));
  await Promise.all([clock.advance(2), clock.advance(2)]);
  t.strictSame(seen, ['slow', 'next', 'third']);
});

t.test("a peer's work is waited for only so long", async (t) => {
  const clock = still();
  let answered = false;
  const quick = clock.track(
    new Promise((done) => void setTimeout(done, 20)).then(() => (answered = true)),
    'peer',
  );
  await clock.settle();
  t.ok(answered);
  await quick;
  const { promise, resolve } = Promise.withResolvers<void>();
  const began = performance.now();
  void clock.track(promise, 'peer');
  await clock.advance(10);
  const waited = performance.now() - began;
  t.ok(waited >= 95, `${waited} ms`);
  const advanced = clock.advance(10).then(() => 'first');
  const patience = new Promise((done) => setTimeout(done, 95, 'patience'));
  t.equal(await Promise.race([advanced, patience]), 'first', 'and only once');
  resolve();
});

t.test('a task that throws is told of and stops nothing', async (t) => {
  const clock = still();
  let ran = false;
  clock.after(1, () => {
    throw new Error('broken task');
  });
  clock.after(2, () => {
    ran = true;
  });
  await clock.advance(3);
  t.ok(ran);
  t.match(errors, [{ message: 'broken task' }]);
});

t.test('a speed makes it run by itself, and may change', async (t) => {
  const clock = createClock({ speed: 1000, patienceMs: 100, onError: (error) => t.fail(String(error)) });
  const start = clock.now();
  await new Promise<void>((resolve) => {
    clock.after(20, resolve);
  });
  const passed = clock.now() - start;
  t.ok(passed >= 20_000 && passed < 1_000_000, `${passed} ms`);
  clock.setSpeed(0);
  const stopped = clock.now();
  const later = performance.now() + 10;
  while (performance.now() < later);
  t.equal(clock.now(), stopped);
  clock.stop();
});

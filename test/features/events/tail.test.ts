import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { t } from '../../support/tap.ts';
import { sequenceEvents } from '../../../src/features/events/sequence.ts';
import { findLastSequence } from '../../../src/features/events/store.ts';
import { createTail } from '../../../src/features/events/tail.ts';
import { createTestDatabase } from '../../support/postgres.ts';
import { publishIn, unitOf } from '../../support/unit.ts';
import { until } from '../../support/until.ts';

const log = pino({ level: 'silent' });
const wakeups = { wake: () => undefined, deafMs: () => 0, on: () => () => undefined, close: async () => undefined };

t.test('of two who begin at once each gets what is numbered after it began', async (t) => {
  // What is asked of the one connection is answered in the order in which it was asked.
  const { db, pool } = await createTestDatabase(t, { max: 1 });
  await publishIn(unitOf(db), { type: 'user.created', user_id: randomUUID() });
  const tail = createTail({ db, wakeups, log }, 60_000);
  t.teardown(async () => tail.close());
  const seen: number[][] = [[], [], []];
  const follow = (index: number) =>
    tail.follow({
      take: (batch) => seen[index]?.push(...batch.map(({ event }) => event.sequence)),
      end: () => undefined,
    });
  const connection = await pool.connect();
  const waiting = (count: number) => until(`${count} in the queue`, () => pool.waitingCount === count);
  const first = follow(0);
  await waiting(1);
  const numbering = sequenceEvents(unitOf(db), 10);
  await waiting(2);
  const second = follow(1);
  await waiting(3);
  connection.release();
  t.equal(await numbering, 1);
  t.equal((await first).from, 0);
  t.equal((await second).from, 0, 'though it was told of what is numbered, the first has not read it yet');
  const newest = await findLastSequence(db);
  await until('both to have it', () => seen[0]?.includes(newest) && seen[1]?.includes(newest));
  t.equal((await follow(2)).from, newest);
  t.same(seen, [[newest], [newest], []], 'and nobody has it twice');
});

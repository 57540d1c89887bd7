import { randomUUID } from 'node:crypto';
import { t } from '../../support/tap.ts';
import { eventsSequence } from '../../../src/platform/db/schema.ts';
import { publish } from '../../../src/features/events/publish.ts';
import { sequenceEvents } from '../../../src/features/events/sequence.ts';
import { transact } from '../../../src/platform/db/transact.ts';
import { publishIn, unitOf } from '../../support/unit.ts';
import { findEvents } from '../../../src/features/events/store.ts';
import { createTestDatabase } from '../../support/postgres.ts';

/** Numbers that come again at each run, from a seed. */
function* drawn(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    yield state / 2 ** 31;
  }
}

t.test('a reader by cursor misses no event and sees none twice, however late it was committed', async (t) => {
  const { db } = await createTestDatabase(t, { max: 12 });
  const random = drawn(7);
  const expected = new Set<string>();
  const open: { subject: string; commit: () => void; done: Promise<unknown> }[] = [];
  const seen: string[] = [];
  const numbers: number[] = [];
  let cursor = 0;

  async function begin(): Promise<void> {
    const subject = randomUUID();
    const held = Promise.withResolvers<void>();
    const written = Promise.withResolvers<void>();
    const done = transact(unitOf(db), async (tx) => {
      await publish(tx, { type: 'user.created', user_id: subject }, { type: 'user.deleted', user_id: subject });
      written.resolve();
      await held.promise;
    });
    await Promise.race([written.promise, done]);
    open.push({ subject, commit: held.resolve, done });
    expected.add(subject);
  }
  async function commitOne(): Promise<void> {
    // Any of them: the oldest may be the last.
    const [chosen] = open.splice(Math.floor(random.next().value * open.length), 1);
    chosen?.commit();
    await chosen?.done;
  }
  async function read(): Promise<void> {
    const page = await findEvents(db, { after: cursor, limit: 7 });
    for (const { user_id, type, sequence } of page) {
      seen.push(`${user_id} ${type}`);
      numbers.push(sequence);
    }
    cursor = page.at(-1)?.sequence ?? cursor;
  }

  for (let turn = 0; turn < 300; turn += 1) {
    const what = random.next().value;
    if (what < 0.4 && open.length < 8) await begin();
    else if (what < 0.7) await commitOne();
    // Two sequencers at once: one finds the other at work, or they follow each other.
    else if (what < 0.85) await Promise.all([sequenceEvents(unitOf(db), 5), sequenceEvents(unitOf(db), 5)]);
    else await read();
  }
  while (open.length > 0) await commitOne();
  while ((await sequenceEvents(unitOf(db), 5)) > 0) continue;
  for (let before = -1; before !== cursor; ) {
    before = cursor;
    await read();
  }
  t.ok(expected.size > 50, `${expected.size} transactions`);
  const all = [...expected].flatMap((subject) => [`${subject} user.created`, `${subject} user.deleted`]);
  t.same(seen.toSorted(), all.toSorted(), 'each was seen, and once');
  t.same(
    numbers,
    numbers.toSorted((a, b) => a - b),
    'the numbers rise',
  );
  for (const subject of expected) {
    const order = seen.filter((line) => line.startsWith(subject));
    t.match(order, [/created/, /deleted/], 'those of one transaction keep their order');
  }
});

t.test('one sequencer at a time numbers events', async (t) => {
  const { db, pool } = await createTestDatabase(t);
  await publishIn(unitOf(db), { type: 'user.created', user_id: randomUUID() });
  const other = await pool.connect();
  await other.query("begin; select pg_advisory_xact_lock(hashtextextended('likeness:events', 0))");
  t.equal(await sequenceEvents(unitOf(db), 10), 0, 'it leaves the work to the one that has begun');
  await other.query('commit');
  other.release();
  t.equal(await sequenceEvents(unitOf(db), 10), 1);
  t.equal(await sequenceEvents(unitOf(db), 10), 0);
  const { rows } = await pool.query(`select last_value::int as last from ${eventsSequence.seqName}`);
  t.equal(rows[0].last, 1);
});

t.test('an event that the database refuses to number holds up none behind it', async (t) => {
  const { db, pool } = await createTestDatabase(t);
  const poison = randomUUID();
  await publishIn(
    unitOf(db),
    ...Array.from({ length: 9 }, (_, at) => ({
      type: 'user.created' as const,
      user_id: at === 3 ? poison : randomUUID(),
    })),
  );
  await pool.query(
    `alter table events add constraint poison check (user_id <> '${poison}' or sequence is null) not valid`,
  );
  const refused = new Set<string>();
  t.equal(await sequenceEvents(unitOf(db), 5, refused), 4);
  t.equal(await sequenceEvents(unitOf(db), 5, refused), 4);
  t.equal(await sequenceEvents(unitOf(db), 5, refused), 0);
  t.equal(refused.size, 1, 'which is not tried again');
  const { rows } = await pool.query('select sequence from events where sequence is not null order by id');
  t.strictSame(
    rows,
    rows.toSorted((one, other) => one.sequence - other.sequence),
    'in their order',
  );
});

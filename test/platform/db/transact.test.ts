import { sql } from 'drizzle-orm';
import { savepoint, transact, type Tx } from '../../../src/platform/db/transact.ts';
import { type Topic, topics } from '../../../src/topics.ts';
import { createTestDatabase } from '../../support/postgres.ts';
import { t } from '../../support/tap.ts';

const { db } = await createTestDatabase(t);
await db.execute('create table written (name text)');
const fault = new Error('the work fails');

/** A unit whose wake-ups are noted, each with what was committed when it came. */
function noting() {
  const woken: Topic[] = [];
  return { woken, unit: { db, wakeups: { wake: (topic: Topic) => void woken.push(topic) } } };
}

async function write(tx: Pick<Tx, 'execute'>, name: string): Promise<void> {
  await tx.execute(sql`insert into written values (${name})`);
}

async function written(name: string): Promise<boolean> {
  const { rows } = await db.execute(sql`select from written where name = ${name}`);
  return rows.length > 0;
}

t.test('those who are named are woken after the commit, once each, in the order they were named in', async (t) => {
  const { woken, unit } = noting();
  const value = await transact(unit, async (tx) => {
    for (let count = 0; count < 10; count += 1) {
      tx.wake(topics.eventsPublished);
      tx.wake(topics.deliveries);
    }
    await write(tx, 'committed');
    t.same(woken, [], 'nobody before the commit');
    return 'what the work gives';
  });
  t.equal(value, 'what the work gives');
  t.ok(await written('committed'));
  t.same(woken, [topics.eventsPublished, topics.deliveries]);
});

t.test('when a wake-up comes, what it tells of can be read by others', async (t) => {
  const seen: Promise<boolean>[] = [];
  const unit = { db, wakeups: { wake: () => void seen.push(written('readable')) } };
  await transact(unit, async (tx) => {
    tx.wake(topics.inbox);
    await write(tx, 'readable');
  });
  t.same(await Promise.all(seen), [true]);
});

t.test('after a rollback nobody is woken', async (t) => {
  const { woken, unit } = noting();
  const failing = transact(unit, async (tx) => {
    await write(tx, 'rolled back');
    tx.wake(topics.eventsPublished);
    throw fault;
  });
  await t.rejects(failing, fault);
  t.notOk(await written('rolled back'));
  t.same(woken, []);
});

t.test('a commit that the database refuses wakes nobody', async (t) => {
  const { woken, unit } = noting();
  await db.execute('create table later (id int unique deferrable initially deferred)');
  const failing = transact(unit, async (tx) => {
    tx.wake(topics.eventsPublished);
    await tx.execute('insert into later values (1), (1)');
  });
  await t.rejects(failing, { cause: { code: '23505' } });
  t.same(woken, []);
});

t.test('a unit within a unit joins it: one commit, and one wake-up of a topic that both name', async (t) => {
  const { woken, unit } = noting();
  await transact(unit, async (tx) => {
    tx.wake(topics.eventsPublished);
    await transact({ ...unit, db: tx }, async (inner) => {
      inner.wake(topics.eventsPublished);
      inner.wake(topics.deliveries);
      await write(inner, 'inner');
    });
    t.same(woken, []);
    t.notOk(await written('inner'), 'the outer commit counts');
  });
  t.ok(await written('inner'));
  t.same(woken, [topics.eventsPublished, topics.deliveries]);
});

t.test('when the outer unit fails, the inner one is undone and wakes nobody', async (t) => {
  const { woken, unit } = noting();
  const failing = transact(unit, async (tx) => {
    await transact({ ...unit, db: tx }, async (inner) => {
      inner.wake(topics.eventsPublished);
      await write(inner, 'undone');
    });
    throw fault;
  });
  await t.rejects(failing, fault);
  t.notOk(await written('undone'));
  t.same(woken, []);
});

t.test('a part that fails by itself is undone with the topics it named', async (t) => {
  const { woken, unit } = noting();
  await transact(unit, async (tx) => {
    await savepoint(tx, async (part) => {
      part.wake(topics.deliveries);
      await write(part, 'kept part');
    });
    const failing = savepoint(tx, async (part) => {
      part.wake(topics.inbox);
      await write(part, 'failed part');
      throw fault;
    });
    await t.rejects(failing, fault);
  });
  t.ok(await written('kept part'));
  t.notOk(await written('failed part'));
  t.same(woken, [topics.deliveries]);
});

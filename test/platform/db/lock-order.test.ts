import { noteLocks } from '../../../src/platform/db/lock-order.ts';
import { savepoint, transact } from '../../../src/platform/db/transact.ts';
import { createTestDatabase } from '../../support/postgres.ts';
import { unitOf } from '../../support/unit.ts';
import { t } from '../../support/tap.ts';

const { db } = await createTestDatabase(t);
const unit = unitOf(db);
const [first, second] = ['0199a5b2-0000-7000-8000-000000000001', '0199a5b2-0000-7000-8000-000000000002'];

t.test('locks in the order are taken, some of them again', async (t) => {
  const inOrder = transact(unit, async (tx) => {
    noteLocks(tx, 'avatar', [first, second]);
    noteLocks(tx, 'user', [second]);
    noteLocks(tx, 'queue');
    noteLocks(tx, 'avatar', [first]);
    noteLocks(tx, 'training', [first, second]);
    return 'committed';
  });
  t.equal(await inOrder, 'committed');
});

t.test('a lock against the order fails its transaction, in a test', async (t) => {
  const afterUser = transact(unit, async (tx) => {
    noteLocks(tx, 'user', [first]);
    noteLocks(tx, 'avatar', [first]);
  });
  await t.rejects(afterUser, /"0 avatar .*" is taken after "1 user .*"/, 'a kind after a later one');
  const byTurn = transact(unit, async (tx) => {
    noteLocks(tx, 'avatar', [second]);
    noteLocks(tx, 'avatar', [first]);
  });
  await t.rejects(byTurn, /avatar/, 'an id after a later one');
});

t.test('what a part of the unit locked is held after it, unless the part failed', async (t) => {
  const held = transact(unit, async (tx) => {
    await savepoint(tx, async (part) => noteLocks(part, 'user', [first]));
    noteLocks(tx, 'avatar', [first]);
  });
  await t.rejects(held, /is taken after/);
  await transact(unit, async (tx) => {
    const part = savepoint(tx, async (inner) => {
      noteLocks(inner, 'user', [first]);
      throw new Error('the part fails');
    });
    await t.rejects(part, /the part fails/);
    noteLocks(tx, 'avatar', [first]);
  });
  const inPart = transact(unit, async (tx) => {
    noteLocks(tx, 'user', [first]);
    await savepoint(tx, async (part) => noteLocks(part, 'avatar', [first]));
  });
  await t.rejects(inPart, /is taken after/, 'and a part knows what was locked before it');
});

import { setImmediate as turn } from 'node:timers/promises';
import { t } from '../../support/tap.ts';
import { v7 as uuidv7 } from 'uuid';
import { createInboxWriter } from '../../../src/features/inbox/inbox-writer.ts';
import type { NewWebhook } from '../../../src/features/inbox/store.ts';

function webhook(bytes = 10): NewWebhook {
  const id = uuidv7();
  const body = Buffer.alloc(bytes);
  const ids = { fal_request_id: id, training_id: id, generation_id: null, submission_id: id };
  return { id, received_at: new Date(), ...ids, headers: {}, body };
}

/** An insert that ends when the test says so. */
function gate() {
  const calls: { size: number; commit: () => void; fail: (error: Error) => void }[] = [];
  const insert = (webhooks: NewWebhook[]) =>
    new Promise<void>((commit, fail) => {
      calls.push({ size: webhooks.length, commit, fail });
    });
  return { calls, insert };
}

const sizes = ({ calls }: ReturnType<typeof gate>) => calls.map(({ size }) => size);

t.test('what arrives while inserts run shares the next, and is acknowledged by it alone', async (t) => {
  const database = gate();
  const add = createInboxWriter(database.insert);
  const acknowledged: number[] = [];
  const added = [0, 1, 2, 3, 4].map((number) => add(webhook()).then(() => acknowledged.push(number)));
  t.same(sizes(database), [1, 1], 'two inserts begin at once, and none waits for company');
  database.calls[1]?.commit();
  await turn();
  t.same(sizes(database), [1, 1, 3]);
  t.same(acknowledged, [1], 'only what its own insert has committed is acknowledged');
  database.calls[2]?.commit();
  await turn();
  t.same(acknowledged, [1, 2, 3, 4]);
  database.calls[0]?.commit();
  await Promise.all(added);
  t.same(acknowledged, [1, 2, 3, 4, 0]);
});

t.test('an insert takes so many rows and bytes, and one large webhook by itself', async (t) => {
  const database = gate();
  const add = createInboxWriter(database.insert, { inFlight: 1, batchRows: 3, batchBytes: 100 });
  const added = [1, 1, 1, 1, 1, 60, 60, 500, 1].map((bytes) => add(webhook(bytes)));
  for (let done = 0; done < database.calls.length; done += 1) {
    database.calls[done]?.commit();
    await turn();
  }
  await Promise.all(added);
  t.same(sizes(database), [1, 3, 2, 1, 1, 1]);
});

t.test('a row that the database refuses does not take the others with it', async (t) => {
  const bad = webhook();
  const written: string[] = [];
  const add = createInboxWriter(
    async (webhooks) => {
      await turn();
      if (webhooks.includes(bad)) throw Object.assign(new Error('invalid text'), { code: '22021' });
      written.push(...webhooks.map(({ id }) => id));
    },
    { inFlight: 1 },
  );
  const first = add(webhook());
  const [before, at, after] = [webhook(), bad, webhook()].map((one) => add(one));
  await t.rejects(at ?? Promise.resolve(), { code: '22021' });
  await Promise.all([first, before, after]);
  t.equal(written.length, 3);
});

t.test('when the database is away everyone is told, and the next ones are tried again', async (t) => {
  const database = gate();
  const add = createInboxWriter(database.insert, { inFlight: 1 });
  const added = [add(webhook()), add(webhook()), add(webhook())];
  const outcomes = Promise.allSettled(added);
  const away = Object.assign(new Error('terminating connection'), { code: '57P01' });
  database.calls[0]?.fail(away);
  await turn();
  database.calls[1]?.fail(away);
  t.same(
    (await outcomes).map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  );
  t.same(sizes(database), [1, 2], 'no row of a broken insert is tried by itself');
  const later = add(webhook());
  database.calls[2]?.commit();
  await t.resolves(later);
});

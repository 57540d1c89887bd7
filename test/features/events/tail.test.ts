import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { t } from '../../support/tap.ts';
import type { Database } from '../../../src/platform/db/client.ts';
import { sequenceEvents } from '../../../src/features/events/sequence.ts';
import { findLastSequence } from '../../../src/features/events/store.ts';
import { createTail } from '../../../src/features/events/tail.ts';
import { createTestDatabase } from '../../support/postgres.ts';
import { publishIn, unitOf } from '../../support/unit.ts';
import { until } from '../../support/until.ts';

const log = pino({ level: 'silent' });
const wakeups = { wake: () => undefined, deafMs: () => 0, on: () => () => undefined, close: async () => undefined };

t.test('of two who begin at once each gets what is numbered after it began', async (t) => {
  const { db } = await createTestDatabase(t);
  const numbered = Promise.withResolvers<void>();
  const handed = Promise.withResolvers<void>();
  const slow = slowed(db, { numbered: numbered.promise, handed: handed.promise });
  const tail = createTail({ db: slow, wakeups, log }, 60_000);
  t.teardown(() => tail.close());
  const seen: number[][] = [[], []];
  const follow = (index: number) =>
    tail.follow({
      take: (batch) => seen[index]?.push(...batch.map(({ event }) => event.sequence)),
      end: () => undefined,
    });
  const first = follow(0);
  const second = follow(1);
  t.equal((await first).from, 0);
  await publishIn(unitOf(db), { type: 'user.created', user_id: randomUUID() });
  await sequenceEvents(unitOf(db), 10);
  const newest = await findLastSequence(db);
  numbered.resolve();
  const { from } = await second;
  handed.resolve();
  await until('the first to have it', () => seen[0]?.includes(newest));
  t.same(seen[1], from < newest ? [newest] : [], 'and the second, unless it was told that it is behind it');
});

/**
 * Which of two statements is answered first is a matter of luck. Here the second question for the newest number and the
 * reading of the log are put once something is `numbered`, and what was read is not had before `handed`.
 */
function slowed(db: Database, { numbered, handed }: { numbered: Promise<void>; handed: Promise<void> }): Database {
  let questions = 0;
  const select = (fields?: Parameters<Database['select']>[0]) => ({
    from(table: Parameters<ReturnType<Database['select']>['from']>[0]) {
      const query = fields ? db.select(fields).from(table) : db.select().from(table);
      const answer = query.then.bind(query);
      const isReading = fields === undefined;
      questions += isReading ? 0 : 1;
      const begin = isReading || questions === 2 ? numbered : Promise.resolve();
      const end = isReading ? handed : Promise.resolve();
      return Object.assign(query, {
        // oxlint-disable-next-line unicorn/no-thenable -- it stands for a query, which is one
        then: (...then: Parameters<Promise<unknown>['then']>) =>
          begin
            .then(() => answer())
            .then(async (rows) => {
              await end;
              return rows;
            })
            .then(...then),
      });
    },
  });
  return Object.create(db, { select: { value: select } });
}

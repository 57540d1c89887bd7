import { isNotNull } from 'drizzle-orm';
import { integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import pino from 'pino';
import { defineRetention } from '../../../src/platform/jobs/retention.ts';
import { createTestDatabase } from '../../support/postgres.ts';
import { t } from '../../support/tap.ts';

const { db, pool } = await createTestDatabase(t);
await pool.query(
  'create table notes (owner text, number int, written_at timestamptz not null, read_at timestamptz, primary key (owner, number))',
);
const notes = pgTable('notes', {
  owner: text(),
  number: integer(),
  written_at: timestamp({ withTimezone: true }).notNull(),
  read_at: timestamp({ withTimezone: true }),
});
const log = pino({ level: 'silent' });
const context = { config: { retention: { everyMs: 60_000, days: 2 } }, db, log };
const job = defineRetention<typeof context>({
  name: 'notes.prune',
  table: notes,
  key: [notes.owner, notes.number],
  since: notes.written_at,
  days: ({ retention }) => retention.days,
  and: isNotNull(notes.read_at),
});
const { signal } = new AbortController();
const run = () => job.start(context, signal).run(signal, { free: 0, begin: () => undefined });
const left = async () => (await pool.query('select owner, number from notes order by owner, number')).rows;

t.beforeEach(() => pool.query('truncate notes'));

t.test('rows are deleted once their time is over, and only those of which all is done', async (t) => {
  await pool.query(`insert into notes values
    ('a', 1, now() - interval '49 hours', now()),
    ('a', 2, now() - interval '47 hours', now()),
    ('a', 3, now() - interval '49 hours', null),
    ('b', 1, now() - interval '47 hours', now())`);
  t.equal(await run(), false);
  t.strictSame(await left(), [
    { owner: 'a', number: 2 },
    { owner: 'a', number: 3 },
    { owner: 'b', number: 1 },
  ]);
  t.equal(job.everyMs(context), 60_000);
});

t.test('a full batch says that there may be more, and the oldest go first', async (t) => {
  await pool.query(
    `insert into notes select 'a', n, now() - interval '3 days' - n * interval '1 second', now() from generate_series(1, 501) n`,
  );
  t.equal(await run(), true);
  t.strictSame(await left(), [{ owner: 'a', number: 1 }]);
  t.equal(await run(), false);
  t.strictSame(await left(), []);
});

t.test('a row that another transaction holds is left for the next run', async (t) => {
  await pool.query(`insert into notes select 'a', n, now() - interval '3 days', now() from generate_series(1, 2) n`);
  await db.transaction(async (tx) => {
    await tx.execute('select from notes where number = 1 for update');
    await run();
    t.strictSame(await left(), [{ owner: 'a', number: 1 }]);
  });
  await run();
  t.strictSame(await left(), []);
});

t.test('a row that can never be deleted keeps none of the others', async (t) => {
  await pool.query(`
    insert into notes select 'a', n, now() - interval '3 days' - n * interval '1 second', now() from generate_series(1, 600) n;
    create function poisoned() returns trigger language plpgsql as $$ begin
      if old.number in (1, 300, 600) then raise exception 'no' using errcode = '23503'; end if;
      return old;
    end $$;
    create trigger poisoned before delete on notes for each row execute function poisoned();`);
  let runs = 0;
  while (await run()) runs += 1;
  t.strictSame(
    (await left()).map(({ number }) => number),
    [1, 300, 600],
  );
  t.ok(runs < 10, `${runs} runs`);
});

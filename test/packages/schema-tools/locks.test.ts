import { t } from '../../support/tap.ts';
import { lockOf } from '@likeness/schema-tools/fix/locks.ts';

const cases: [sql: string, lock: string][] = [
  ['create table coins (n int)', 'none'],
  ['create index concurrently on users (id)', 'share update exclusive on users'],
  ['create unique index users_one on users (id)', 'share on users'],
  ['alter table users add column n int', 'access exclusive on users'],
  ['alter table users validate constraint users_check', 'share update exclusive on users'],
  ['alter table users validate constraint users_check, add column n int', 'access exclusive on users'],
  [
    'create trigger touched before update on users for each row execute function touch()',
    'share row exclusive on users',
  ],
  ['drop table users', 'access exclusive on users'],
  ['update users set first_name = $1', 'row exclusive on users'],
];

for (const [sql, lock] of cases) {
  t.test(sql, async (t) => {
    t.equal(lockOf(sql), lock, 'PostgreSQL manual, 13.3.1');
  });
}

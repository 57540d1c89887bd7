import { t } from '../../support/tap.ts';
import { hashCode } from '@likeness/schema-tools/catalog/model.ts';
import { splitStatements } from '@likeness/schema-tools/text/sql-text.ts';

const whole = [
  `create function f() returns int language sql begin atomic select 1; select 2; end`,
  `CREATE FUNCTION f(a int) RETURNS text LANGUAGE sql BEGIN ATOMIC
     INSERT INTO t VALUES (a);
     SELECT CASE WHEN a > 0 THEN CASE a WHEN 1 THEN 'x;' ELSE 'end' END ELSE 'z' END;
   END`,
  `create procedure p() begin atomic select t.end, 1 as end, 2 as "case" from t; end`,
  `create function f() returns int language plpgsql as $body$ begin return 1; end $body$`,
  `do $$ begin if true then null; end if; end $$`,
  `insert into t values ('a;b', E'c\\';d', $x$e;f$x$)`,
  `select "a;b" from t`,
  `create table atomic (begin_at int)`,
];

t.test('a statement is one piece, whatever semicolons it holds', async (t) => {
  for (const sql of whole) t.same(splitStatements(`${sql}; select 1`), [sql, 'select 1'], sql);
});

t.test('every order of statements is cut where they end', async (t) => {
  for (const first of whole) {
    for (const second of whole) t.same(splitStatements(`${first};\n${second};`), [first, second]);
  }
});

t.test('transactions and comments cut nothing that belongs together', async (t) => {
  t.same(splitStatements('begin; select case when true then 1 end; end; commit;'), [
    'begin',
    'select case when true then 1 end',
    'end',
    'commit',
  ]);
  t.same(splitStatements('/* a; /* b; */ c; */ select 1; -- d; e\n;'), ['select 1']);
});

t.test('the model is the same one with other comments and line breaks, and another one with other words', async (t) => {
  const model = `const a = table('a', { id: uuid('id'), url: text('https://x//y') });`;
  const same = `// why\nconst a = table(\n  'a', /* how */\n  { id: uuid('id'),\n url: text('https://x//y'), },\n);`;
  t.equal(hashCode(same), hashCode(model));
  for (const other of [model.replace('//y', '//z'), model.replace("'id'", "'i d'"), model.replace('uuid', 'text')])
    t.not(hashCode(other), hashCode(model), other);
});

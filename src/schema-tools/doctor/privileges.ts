import type pg from 'pg';
import { type Component, component, type Examination, fail, ok, warn } from './examination.ts';

type RoleRow = {
  role: string;
  superuser: boolean;
  database: boolean;
  public_schema: boolean;
  owned: number;
  foreign_owned: string[];
  hidden: string[];
};

/** What this role may do: what migrations need, and what a check can do without. */
export async function examinePrivileges(client: pg.ClientBase): Promise<Component> {
  const { rows } = await client.query<RoleRow>(`
    with tables as (
      select oid, relname, relowner from pg_class
      where relnamespace in (to_regnamespace('public'), to_regnamespace('drizzle')) and relkind in ('r', 'p'))
    select current_user as role, (select rolsuper from pg_roles where rolname = current_user) as superuser,
      has_database_privilege(current_database(), 'create') as database,
      has_schema_privilege('public', 'create') as public_schema,
      (select count(*)::int from tables where pg_has_role(relowner, 'usage')) as owned,
      array(select relname::text from tables where not pg_has_role(relowner, 'usage') order by 1) as foreign_owned,
      array(select relname::text from tables where not has_table_privilege(oid, 'select, insert, update, delete') order by 1) as hidden`);
  const row = rows[0];
  if (!row) return component('privileges', [fail('role', 'no answer', 'Look at the server.')]);
  return component('privileges', [
    ok('role', row.superuser ? `${row.role}, a superuser` : row.role),
    row.database
      ? ok('schemas', 'it may create schemas: migrations, the job queue and scratch checks')
      : warn(
          'schemas',
          'it may not create schemas: a first migration and scratch checks fail',
          `grant create on database … to ${row.role}`,
        ),
    row.public_schema
      ? ok('tables', 'it may create tables in public')
      : warn('tables', 'it may not create tables in public', `grant create on schema public to ${row.role}`),
    examineOwned(row),
    row.hidden.length === 0
      ? ok('rows', 'it may read and write every table')
      : fail(
          'rows',
          `it may not read and write ${row.hidden.join(', ')}`,
          `grant select, insert, update, delete on all tables in schema public to ${row.role}`,
        ),
  ]);
}

function examineOwned({ owned, foreign_owned: others, role }: RoleRow): Examination {
  return others.length === 0
    ? ok('ownership', `it owns all ${owned} tables`)
    : warn(
        'ownership',
        `it does not own ${others.join(', ')}: migrations that alter them fail`,
        `alter table … owner to ${role}`,
      );
}

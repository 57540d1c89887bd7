import type pg from 'pg';
import { quoteName } from '../../text/sql-text.ts';
import { type Component, component, type Examination, fail, ok, warn } from './examination.ts';
import type { Project } from '../../project.ts';

type RoleRow = {
  role: string;
  superuser: boolean;
  database: boolean;
  public_schema: boolean;
  owned: number;
  foreign_owned: string[];
};

/** Privileges, in PostgreSQL's terms, that a role lacks on a table. */
type Lack = { schema: string; table: string; lacks: string[] };

/** Examines the role's privileges: those that migrations need, and those a check can do without. */
export async function examinePrivileges(client: pg.ClientBase, project: Project): Promise<Component> {
  const { rows } = await client.query<RoleRow>(`
    with tables as (
      select pg_class.oid, relname, relowner from pg_class join pg_namespace on pg_namespace.oid = relnamespace
      where nspname in ('public', 'drizzle') and relkind in ('r', 'p'))
    select current_user as role, (select rolsuper from pg_roles where rolname = current_user) as superuser,
      has_database_privilege(current_database(), 'create') as database,
      has_schema_privilege('public', 'create') as public_schema,
      (select count(*)::int from tables where pg_has_role(relowner, 'usage')) as owned,
      array(select relname::text from tables where not pg_has_role(relowner, 'usage') order by 1) as foreign_owned`);
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
    ...examineLacks(await readLacks(client, project), row.role),
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

// has_table_privilege with a list tests for any of them. Without usage of the schema, table privileges are ineffective.
async function readLacks(client: pg.ClientBase, { queue }: Project): Promise<Lack[]> {
  const { rows } = await client.query<Lack>(
    `
    select nspname as schema, relname as "table", array_agg(privilege order by place)::text[] as lacks
    from pg_class
    join pg_namespace on pg_namespace.oid = relnamespace
    cross join unnest(
      case when relkind = 'S' then array['usage'] when nspname = 'drizzle' then array['select'] else array['select', 'insert', 'update', 'delete'] end
    ) with ordinality as wanted (privilege, place)
    where nspname in ('public', 'drizzle', $1) and relkind in ('r', 'p', 'S') and not (nspname = 'drizzle' and relkind = 'S')
      and not case
        when not has_schema_privilege(pg_namespace.oid, 'usage') then false
        when relkind = 'S' then has_sequence_privilege(pg_class.oid, privilege)
        else has_table_privilege(pg_class.oid, privilege) end
    group by 1, 2 order by 1, 2`,
    [queue.schema],
  );
  return rows;
}

function examineLacks(lacks: readonly Lack[], role: string): Examination[] {
  if (lacks.length === 0) return [ok('rows', 'it may read and write every table')];
  const schemas = [...new Set(lacks.map(({ schema }) => schema))];
  return schemas.map((schema) => {
    const own = lacks.filter((each) => each.schema === schema);
    const list = own.map(({ table, lacks: privileges }) => `${table} (${privileges.join(', ')})`).join('; ');
    const grants = [
      ...new Set(own.map(({ table, lacks: privileges }) => grantOf({ schema, table, lacks: privileges }, role))),
    ];
    return fail(
      `rows of ${schema}`,
      `it lacks privileges on ${list}`,
      `grant usage on schema ${schema} to ${role}; ${grants.join('; ')}`,
    );
  });
}

function grantOf({ schema, table, lacks }: Lack, role: string): string {
  const isSequence = lacks.length === 1 && lacks[0] === 'usage';
  return `grant ${lacks.join(', ')} on ${isSequence ? 'sequence ' : ''}${schema}.${quoteName(table)} to ${quoteName(role)}`;
}

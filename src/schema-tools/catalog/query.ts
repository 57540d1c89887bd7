/*
 * The one query that reads a schema, for PostgreSQL 15 to 18. `$1` is the schema's name. Every branch gives kind, table,
 * name and facts. What belongs to an extension, and the parts of a partitioned table, are left out.
 */

const relations = `
  schema as (select oid from pg_namespace where nspname = $1),
  owned_by_extension as (select classid, objid from pg_depend where deptype = 'e'),
  relation as (
    select c.* from pg_class c
    where c.relnamespace = (select oid from schema) and not c.relispartition
      and not exists (select from owned_by_extension e where e.classid = 'pg_class'::regclass and e.objid = c.oid)
  ),
  base as (select oid, relname from relation where relkind in ('r', 'p', 'f'))`;

const tables = `
  select 'table', null, c.relname, jsonb_build_object(
    'storage', case when c.relkind = 'f' then 'foreign' when c.relpersistence = 'u' then 'unlogged' end,
    'rowSecurity', case when c.relforcerowsecurity and c.relrowsecurity then 'forced' when c.relrowsecurity then 'enabled' end,
    'partitionKey', case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end,
    'inherits', (select string_agg(p.relname, ', ' order by i.inhseqno) from pg_inherits i join pg_class p on p.oid = i.inhparent where i.inhrelid = c.oid),
    'foreignKeys', case when exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgisinternal and t.tgenabled = 'D') then 'not enforced' end,
    'comment', obj_description(c.oid, 'pg_class'))
  from relation c where c.relkind in ('r', 'p', 'f')`;

// An identity column's sequence is part of the column; the others stand by themselves.
const columns = `
  select 'column', c.relname, a.attname, jsonb_build_object(
    'type', format_type(a.atttypid, a.atttypmod),
    'nullable', not a.attnotnull,
    'default', case when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end,
    'generated', case a.attgenerated when '' then null when 's' then 'stored: ' else 'virtual: ' end || pg_get_expr(d.adbin, d.adrelid),
    'identity', case when a.attidentity <> '' then case a.attidentity when 'a' then 'always' else 'by default' end || (
      select format(' (start %s increment %s minvalue %s maxvalue %s%s)', s.seqstart, s.seqincrement, s.seqmin, s.seqmax, case when s.seqcycle then ' cycle' else '' end)
      from pg_depend p join pg_sequence s on s.seqrelid = p.objid
      where p.classid = 'pg_class'::regclass and p.refobjid = a.attrelid and p.refobjsubid = a.attnum and p.deptype = 'i') end,
    'collation', (select collname from pg_collation l join pg_type t on t.oid = a.atttypid where l.oid = a.attcollation and a.attcollation <> t.typcollation),
    'notValid', case when exists (
      select from pg_constraint n where n.conrelid = a.attrelid and n.contype = 'n' and not n.convalidated and n.conkey = array[a.attnum]) then true end,
    'position', a.attnum,
    'comment', col_description(a.attrelid, a.attnum))
  from pg_attribute a join base c on c.oid = a.attrelid
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attnum > 0 and not a.attisdropped`;

// Not NULL is a fact of the column; PostgreSQL 18 keeps it as a constraint (contype n) besides.
const constraints = `
  select 'constraint', c.relname, k.conname, jsonb_build_object(
    'type', case k.contype when 'c' then 'check' when 'f' then 'foreign key' when 'p' then 'primary key' when 'u' then 'unique' when 'x' then 'exclusion' else 'trigger' end,
    'definition', regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', ''),
    'notValid', case when not k.convalidated then true end,
    'invalid', case when exists (select from pg_index i where i.indexrelid = k.conindid and k.contype in ('p', 'u', 'x') and not (i.indisvalid and i.indisready)) then true end,
    'comment', obj_description(k.oid, 'pg_constraint'))
  from pg_constraint k join base c on c.oid = k.conrelid
  where k.contype in ('c', 'f', 'p', 'u', 'x') and k.conparentid = 0`;

// From USING on the definition holds neither the index's name nor the table's; storage parameters are not compared.
const indexes = `
  select 'index', c.relname, x.relname, jsonb_build_object(
    'unique', case when i.indisunique then true end,
    'definition', regexp_replace(regexp_replace(pg_get_indexdef(i.indexrelid), '^.*? USING ', ''), ' WITH \\([^)]*\\)', ''),
    'invalid', case when not (i.indisvalid and i.indisready) then true end,
    'comment', obj_description(x.oid, 'pg_class'))
  from pg_index i join pg_class x on x.oid = i.indexrelid join relation c on c.oid = i.indrelid
  where not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))`;

const types = `
  select 'enum', null, t.typname, jsonb_build_object(
    'labels', (select jsonb_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid),
    'comment', obj_description(t.oid, 'pg_type'))
  from pg_type t
  where t.typnamespace = (select oid from schema) and t.typtype = 'e'
    and not exists (select from owned_by_extension e where e.classid = 'pg_type'::regclass and e.objid = t.oid)
  union all
  select 'type', null, t.typname, jsonb_build_object(
    'definition', case t.typtype
      when 'd' then 'domain ' || format_type(t.typbasetype, t.typtypmod) || case when t.typnotnull then ' not null' else '' end
        || coalesce(' default ' || t.typdefault, '')
        || coalesce((select string_agg(' ' || pg_get_constraintdef(k.oid), '' order by k.conname) from pg_constraint k where k.contypid = t.oid and k.contype = 'c'), '')
      when 'r' then 'range of ' || (select format_type(r.rngsubtype, null) from pg_range r where r.rngtypid = t.oid)
      else 'composite ' || coalesce((select string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' order by a.attnum)
        from pg_attribute a where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped), '') end,
    'comment', obj_description(t.oid, 'pg_type'))
  from pg_type t
  where t.typnamespace = (select oid from schema)
    and (t.typtype in ('d', 'r') or t.typtype = 'c' and exists (select from pg_class c where c.oid = t.typrelid and c.relkind = 'c'))
    and not exists (select from owned_by_extension e where e.classid = 'pg_type'::regclass and e.objid = t.oid)`;

const sequences = `
  select 'sequence', null, c.relname, jsonb_build_object(
    'definition', format('%s start %s increment %s minvalue %s maxvalue %s%s', format_type(s.seqtypid, null), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, case when s.seqcycle then ' cycle' else '' end),
    'ownedBy', (select o.relname || '.' || a.attname from pg_depend p join pg_class o on o.oid = p.refobjid
      join pg_attribute a on a.attrelid = o.oid and a.attnum = p.refobjsubid
      where p.classid = 'pg_class'::regclass and p.objid = c.oid and p.refclassid = 'pg_class'::regclass and p.deptype = 'a'),
    'comment', obj_description(c.oid, 'pg_class'))
  from relation c join pg_sequence s on s.seqrelid = c.oid
  where not exists (select from pg_depend p where p.classid = 'pg_class'::regclass and p.objid = c.oid and p.deptype = 'i')`;

const views = `
  select 'view', null, c.relname, jsonb_build_object(
    'definition', case c.relkind when 'm' then 'materialized: ' else '' end || btrim(pg_get_viewdef(c.oid), E' \\n;')
      || coalesce(' with (' || array_to_string(c.reloptions, ', ') || ')', ''),
    'comment', obj_description(c.oid, 'pg_class'))
  from relation c where c.relkind in ('v', 'm')`;

const behaviour = `
  select 'trigger', c.relname, t.tgname, jsonb_build_object(
    'definition', pg_get_triggerdef(t.oid, true),
    'fires', case t.tgenabled when 'D' then 'never' when 'R' then 'on replicas' when 'A' then 'always' end,
    'comment', obj_description(t.oid, 'pg_trigger'))
  from pg_trigger t join relation c on c.oid = t.tgrelid where not t.tgisinternal
  union all
  select 'policy', c.relname, p.polname, jsonb_build_object(
    'definition', format('as %s for %s to %s', case when p.polpermissive then 'permissive' else 'restrictive' end,
        case p.polcmd when '*' then 'all' when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' else 'delete' end,
        (select string_agg(case when role = 0 then 'public' else pg_get_userbyid(role)::text end, ', ') from unnest(p.polroles) role))
      || coalesce(format(' using (%s)', pg_get_expr(p.polqual, p.polrelid)), '')
      || coalesce(format(' with check (%s)', pg_get_expr(p.polwithcheck, p.polrelid)), ''))
  from pg_policy p join base c on c.oid = p.polrelid
  union all
  select 'rule', c.relname, r.rulename, jsonb_build_object(
    'definition', replace(pg_get_ruledef(r.oid), format('%I.', $1), ''), 'instead', case when r.is_instead then true end)
  from pg_rewrite r join base c on c.oid = r.ev_class where r.rulename <> '_RETURN'
  union all
  select 'function', null, p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', jsonb_build_object(
    'definition', replace(case p.prokind when 'a' then 'aggregate' else pg_get_functiondef(p.oid) end, format('%I.', $1), ''),
    'comment', obj_description(p.oid, 'pg_proc'))
  from pg_proc p
  where p.pronamespace = (select oid from schema)
    and not exists (select from owned_by_extension e where e.classid = 'pg_proc'::regclass and e.objid = p.oid)
  union all
  select 'extension', null, extname, '{}' from pg_extension where extname <> 'plpgsql'`;

/** Reads a schema's objects: rows of kind, table, name and facts. */
export const catalogQuery = `
with ${relations}
select kind, "table", name, jsonb_strip_nulls(facts) from (
${[tables, columns, constraints, indexes, types, sequences, views, behaviour].join('\n  union all')}
) as object (kind, "table", name, facts)`;

/* The query that reads a schema of PostgreSQL 15 to 18; `$1` is its name. Every branch returns kind, table, name,
   facts and the address in pg_depend. Objects of extensions and partitions are excluded. */

const relations = `
  schema as (select oid from pg_namespace where nspname = $1),
  owned_by_extension as (select classid, objid from pg_depend where deptype = 'e'),
  relation as (
    select c.* from pg_class c
    where c.relnamespace = (select oid from schema) and not c.relispartition
      and not exists (select from owned_by_extension e where e.classid = 'pg_class'::regclass and e.objid = c.oid)
  ),
  base as (select oid, relname, relpersistence from relation where relkind in ('r', 'p', 'f'))`;

const tables = `
  select 'table', null, c.relname, jsonb_build_object(
    'storage', case when c.relkind = 'f' then 'foreign' when c.relpersistence = 'u' then 'unlogged' end,
    'rowSecurity', case when c.relforcerowsecurity and c.relrowsecurity then 'forced' when c.relrowsecurity then 'enabled' end,
    'partitionKey', case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end,
    'inherits', (select jsonb_agg(i.inhparent::regclass::text order by i.inhseqno) from pg_inherits i where i.inhrelid = c.oid),
    'foreignKeys', case when exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgisinternal and t.tgenabled in ('D', 'R')) then 'not enforced' end,
    'comment', obj_description(c.oid, 'pg_class')), 'pg_class'::regclass, c.oid, 0
  from relation c where c.relkind in ('r', 'p', 'f')`;

// The options of CREATE SEQUENCE, without bounds that are the type's own.
const sequenceOptions = `format('start %s increment %s%s%s cache %s%s', s.seqstart, s.seqincrement,
    case when s.seqmin <> case when s.seqincrement > 0 then 1 else bound.least end then ' minvalue ' || s.seqmin else '' end,
    case when s.seqmax <> case when s.seqincrement > 0 then bound.most else -1 end then ' maxvalue ' || s.seqmax else '' end,
    s.seqcache, case when s.seqcycle then ' cycle' else '' end)`;
const sequenceBounds = `cross join lateral (select
    case s.seqtypid when 'int2'::regtype then -32768 when 'int4'::regtype then -2147483648 else -9223372036854775808 end as least,
    case s.seqtypid when 'int2'::regtype then 32767 when 'int4'::regtype then 2147483647 else 9223372036854775807 end as most) bound`;

// The sequence of an identity column is part of the column; others are objects.
const columns = `
  select 'column', c.relname, a.attname, jsonb_build_object(
    'type', format_type(a.atttypid, a.atttypmod),
    'nullable', not a.attnotnull,
    'default', case when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end,
    'generated', case a.attgenerated when '' then null when 's' then 'stored: ' else 'virtual: ' end || pg_get_expr(d.adbin, d.adrelid),
    'identity', case when a.attidentity <> '' then case a.attidentity when 'a' then 'always' else 'by default' end || (
      select format(' (%s)', ${sequenceOptions}) || case when q.relpersistence <> c.relpersistence then case q.relpersistence when 'u' then ' unlogged' else ' logged' end else '' end
      from pg_depend p join pg_sequence s on s.seqrelid = p.objid join pg_class q on q.oid = s.seqrelid ${sequenceBounds}
      where p.classid = 'pg_class'::regclass and p.refclassid = 'pg_class'::regclass and p.refobjid = a.attrelid and p.refobjsubid = a.attnum and p.deptype = 'i') end,
    'identitySequence', case when a.attidentity <> '' then (select quote_ident(q.relname) from pg_depend p join pg_class q on q.oid = p.objid and q.relkind = 'S'
      where p.refclassid = 'pg_class'::regclass and p.refobjid = a.attrelid and p.refobjsubid = a.attnum and p.deptype = 'i') end,
    'collation', (select collname from pg_collation l join pg_type t on t.oid = a.atttypid where l.oid = a.attcollation and a.attcollation <> t.typcollation),
    'notValid', case when exists (
      select from pg_constraint n where n.conrelid = a.attrelid and n.contype = 'n' and not n.convalidated and n.conkey = array[a.attnum]) then true end,
    'position', a.attnum,
    'comment', col_description(a.attrelid, a.attnum)), 'pg_class'::regclass, a.attrelid, a.attnum
  from pg_attribute a join base c on c.oid = a.attrelid
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attnum > 0 and not a.attisdropped`;

// NOT NULL is a fact of the column; PostgreSQL 18 also has it as a constraint (contype n).
const constraints = `
  select 'constraint', c.relname, k.conname, jsonb_build_object(
    'type', case k.contype when 'c' then 'check' when 'f' then 'foreign key' when 'p' then 'primary key' when 'u' then 'unique' when 'x' then 'exclusion' else 'trigger' end,
    'definition', regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', ''),
    'notValid', case when not k.convalidated then true end,
    'invalid', case when exists (select from pg_index i where i.indexrelid = k.conindid and k.contype in ('p', 'u', 'x') and not (i.indisvalid and i.indisready)) then true end,
    'comment', obj_description(k.oid, 'pg_constraint')), 'pg_constraint'::regclass, k.oid, 0
  from pg_constraint k join base c on c.oid = k.conrelid
  where k.contype in ('c', 'f', 'p', 'u', 'x') and k.conparentid = 0`;

// From USING on, a definition has neither the index's name nor the table's; storage parameters are not compared.
const indexes = `
  select 'index', c.relname, x.relname, jsonb_build_object(
    'unique', case when i.indisunique then true end,
    'definition', regexp_replace(regexp_replace(pg_get_indexdef(i.indexrelid), '^.*? USING ', ''), ' WITH \\([^)]*\\)', ''),
    'invalid', case when not (i.indisvalid and i.indisready) then true end,
    'comment', obj_description(x.oid, 'pg_class')), 'pg_class'::regclass, x.oid, 0
  from pg_index i join pg_class x on x.oid = i.indexrelid join relation c on c.oid = i.indrelid
  where not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))`;

const types = `
  select 'enum', null, t.typname, jsonb_build_object(
    'labels', (select jsonb_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid),
    'comment', obj_description(t.oid, 'pg_type')), 'pg_type'::regclass, t.oid, 0
  from pg_type t
  where t.typnamespace = (select oid from schema) and t.typtype = 'e'
    and not exists (select from owned_by_extension e where e.classid = 'pg_type'::regclass and e.objid = t.oid)
  union all
  select 'type', null, t.typname, jsonb_build_object(
    'definition', case t.typtype
      when 'd' then 'domain ' || format_type(t.typbasetype, t.typtypmod)
        || coalesce((select ' collate ' || quote_ident(l.collname) from pg_collation l join pg_type b on b.oid = t.typbasetype where l.oid = t.typcollation and t.typcollation <> b.typcollation), '')
      when 'r' then (select 'range (subtype = ' || format_type(r.rngsubtype, null)
        || case when not o.opcdefault then ', subtype_opclass = ' || quote_ident(o.opcname) else '' end
        || coalesce((select ', collation = ' || quote_ident(l.collname) from pg_collation l join pg_type b on b.oid = r.rngsubtype where l.oid = r.rngcollation and r.rngcollation <> b.typcollation), '')
        || case when r.rngcanonical <> 0 then ', canonical = ' || r.rngcanonical::regproc else '' end
        || case when r.rngsubdiff <> 0 then ', subtype_diff = ' || r.rngsubdiff::regproc else '' end
        || ', multirange_type_name = ' || quote_ident(m.typname) || ')'
        from pg_range r join pg_opclass o on o.oid = r.rngsubopc join pg_type m on m.oid = r.rngmultitypid where r.rngtypid = t.oid)
      else 'composite (' || coalesce((select string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
          || coalesce((select ' collate ' || quote_ident(l.collname) from pg_collation l join pg_type b on b.oid = a.atttypid where l.oid = a.attcollation and a.attcollation <> b.typcollation), ''), ', ' order by a.attnum)
        from pg_attribute a where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped), '') || ')' end,
    'notNull', case when t.typtype = 'd' and t.typnotnull then true end,
    'default', t.typdefault,
    'checks', (select jsonb_agg(quote_ident(k.conname) || ' ' || pg_get_constraintdef(k.oid) order by k.conname) from pg_constraint k where k.contypid = t.oid and k.contype = 'c'),
    'comment', obj_description(t.oid, 'pg_type')), 'pg_type'::regclass, t.oid, 0
  from pg_type t
  where t.typnamespace = (select oid from schema)
    and (t.typtype in ('d', 'r') or t.typtype = 'c' and exists (select from pg_class c where c.oid = t.typrelid and c.relkind = 'c'))
    and not exists (select from owned_by_extension e where e.classid = 'pg_type'::regclass and e.objid = t.oid)`;

// A sequence's persistence is reported only where it differs from its owner's.
const sequences = `
  select 'sequence', null, c.relname, jsonb_build_object(
    'definition', format_type(s.seqtypid, null) || ' ' || ${sequenceOptions},
    'storage', case when c.relpersistence <> coalesce(owner.relpersistence, 'p') then case c.relpersistence when 'u' then 'unlogged' else 'logged' end end,
    'ownedBy', owner.relname || '.' || owner.attname,
    'comment', obj_description(c.oid, 'pg_class')), 'pg_class'::regclass, c.oid, 0
  from relation c join pg_sequence s on s.seqrelid = c.oid ${sequenceBounds}
  left join lateral (select o.relname, o.relpersistence, a.attname from pg_depend p join pg_class o on o.oid = p.refobjid
    join pg_attribute a on a.attrelid = o.oid and a.attnum = p.refobjsubid
    where p.classid = 'pg_class'::regclass and p.objid = c.oid and p.refclassid = 'pg_class'::regclass and p.deptype = 'a') owner on true
  where not exists (select from pg_depend p where p.classid = 'pg_class'::regclass and p.objid = c.oid and p.deptype = 'i')`;

// Columns of views have only defaults and comments of their own.
const views = `
  select 'view', null, c.relname, jsonb_build_object(
    'definition', case c.relkind when 'm' then 'materialized: ' else '' end || btrim(pg_get_viewdef(c.oid), E' \\n;'),
    'options', case c.relkind when 'v' then to_jsonb((select array_agg(o order by o) from unnest(c.reloptions) o)) end,
    'columns', (select jsonb_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod) order by a.attnum) from pg_attribute a where a.attrelid = c.oid and a.attnum > 0),
    'unfilled', case when not c.relispopulated then true end,
    'defaults', (select jsonb_agg(quote_ident(a.attname) || ' ' || pg_get_expr(d.adbin, d.adrelid) order by a.attnum)
      from pg_attrdef d join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum where d.adrelid = c.oid),
    'columnComments', (select jsonb_agg(quote_ident(a.attname) || ' ' || col_description(c.oid, a.attnum) order by a.attnum)
      from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and col_description(c.oid, a.attnum) is not null),
    'comment', obj_description(c.oid, 'pg_class')), 'pg_class'::regclass, c.oid, 0
  from relation c where c.relkind in ('v', 'm')`;

// The schema precedes the function's name only; a body is text and unchanged.
const functionDefinition = `
    case when p.prokind = 'a' then (select format('CREATE OR REPLACE AGGREGATE %I(%s) (SFUNC = %s, STYPE = %s', p.proname,
          case when p.pronargs = 0 then '*' else pg_get_function_identity_arguments(p.oid) end, g.aggtransfn::regproc, format_type(g.aggtranstype, null))
        || case when g.aggtransspace <> 0 then ', SSPACE = ' || g.aggtransspace else '' end
        || case when g.aggfinalfn <> 0 then ', FINALFUNC = ' || g.aggfinalfn::regproc || case when g.aggfinalextra then ', FINALFUNC_EXTRA' else '' end else '' end
        || case when g.aggcombinefn <> 0 then ', COMBINEFUNC = ' || g.aggcombinefn::regproc else '' end
        || case when g.aggserialfn <> 0 then ', SERIALFUNC = ' || g.aggserialfn::regproc else '' end
        || case when g.aggdeserialfn <> 0 then ', DESERIALFUNC = ' || g.aggdeserialfn::regproc else '' end
        || coalesce(', INITCOND = ' || quote_literal(g.agginitval), '')
        || case when g.aggmtransfn <> 0 then format(', MSFUNC = %s, MINVFUNC = %s, MSTYPE = %s', g.aggmtransfn::regproc, g.aggminvtransfn::regproc, format_type(g.aggmtranstype, null)) else '' end
        || case when g.aggmfinalfn <> 0 then ', MFINALFUNC = ' || g.aggmfinalfn::regproc else '' end
        || coalesce(', MINITCOND = ' || quote_literal(g.aggminitval), '')
        || case when g.aggsortop <> 0 then (select format(', SORTOP = operator(%I.%s)', n.nspname, o.oprname) from pg_operator o join pg_namespace n on n.oid = o.oprnamespace where o.oid = g.aggsortop) else '' end
        || case p.proparallel when 's' then ', PARALLEL = SAFE' when 'r' then ', PARALLEL = RESTRICTED' else '' end || ')'
      from pg_aggregate g where g.aggfnoid = p.oid)
    else (select replace(whole[1], format('%I.', $1), '') || replace(coalesce(whole[2], ''), format('%I.', $1), 'public.')
      from regexp_match(pg_get_functiondef(p.oid), '^(.*?)(\\nAS .*)?$') whole) end`;

const behaviour = `
  select 'trigger', c.relname, t.tgname, jsonb_build_object(
    'definition', pg_get_triggerdef(t.oid, true),
    'fires', case t.tgenabled when 'D' then 'never' when 'R' then 'on replicas' when 'A' then 'always' end,
    'comment', obj_description(t.oid, 'pg_trigger')), 'pg_trigger'::regclass, t.oid, 0
  from pg_trigger t join relation c on c.oid = t.tgrelid where not t.tgisinternal
  union all
  select 'policy', c.relname, p.polname, jsonb_build_object(
    'definition', format('as %s for %s to %s', case when p.polpermissive then 'permissive' else 'restrictive' end,
        case p.polcmd when '*' then 'all' when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' else 'delete' end,
        (select string_agg(case when role = 0 then 'public' else quote_ident(pg_get_userbyid(role)) end, ', ') from unnest(p.polroles) role))
      || coalesce(' using (' || pg_get_expr(p.polqual, p.polrelid) || ')', '')
      || coalesce(' with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', ''),
    'comment', obj_description(p.oid, 'pg_policy')), 'pg_policy'::regclass, p.oid, 0
  from pg_policy p join base c on c.oid = p.polrelid
  union all
  select 'rule', c.relname, r.rulename, jsonb_build_object(
    'definition', regexp_replace(pg_get_ruledef(r.oid), '( TO )' || format('%I\\.', $1), '\\1'), 'instead', case when r.is_instead then true end,
    'fires', case r.ev_enabled when 'D' then 'never' when 'R' then 'on replicas' when 'A' then 'always' end,
    'comment', obj_description(r.oid, 'pg_rewrite')), 'pg_rewrite'::regclass, r.oid, 0
  from pg_rewrite r join relation c on c.oid = r.ev_class where r.rulename <> '_RETURN'
  union all
  select 'function', null, format('%I(%s)', p.proname, oidvectortypes(p.proargtypes)), jsonb_build_object(
    'definition', ${functionDefinition},
    'signature', pg_get_function_result(p.oid) || ' ' || p.prokind::text || ' ' || pg_get_function_identity_arguments(p.oid),
    'comment', obj_description(p.oid, 'pg_proc')), 'pg_proc'::regclass, p.oid, 0
  from pg_proc p
  where p.pronamespace = (select oid from schema)
    and not exists (select from pg_depend e where e.classid = 'pg_proc'::regclass and e.objid = p.oid and e.deptype in ('e', 'i'))
  union all
  select 'extension', null, extname, '{}', 'pg_extension'::regclass, oid, 0 from pg_extension where extname <> 'plpgsql'`;

// Further addresses in pg_depend: parts that are no objects here.
const addresses = `
  select id, classid, objid, objsubid from object
  union all select o.id, 'pg_attrdef'::regclass, d.oid, 0 from pg_attrdef d join object o on o.classid = 'pg_class'::regclass and o.objid = d.adrelid and o.objsubid = d.adnum
  union all select o.id, 'pg_rewrite'::regclass, r.oid, 0 from pg_rewrite r join object o on o.kind = 'view' and o.objid = r.ev_class where r.rulename = '_RETURN'
  union all select o.id, 'pg_class'::regclass, k.conindid, 0 from pg_constraint k join object o on o.kind = 'constraint' and o.objid = k.oid where k.contype in ('p', 'u', 'x')
  union all select o.id, 'pg_type'::regclass, t.oid, 0 from pg_type t join object o on o.kind in ('table', 'view') and o.objid = t.typrelid
  union all select o.id, 'pg_class'::regclass, t.typrelid, -1 from pg_type t join object o on o.kind = 'type' and o.objid = t.oid where t.typrelid <> 0
  union all select o.id, 'pg_type'::regclass, t.typarray, 0 from pg_type t join object o on o.kind in ('enum', 'type') and o.objid = t.oid where t.typarray <> 0
  union all select o.id, 'pg_constraint'::regclass, k.oid, 0 from pg_constraint k join object o on o.kind = 'type' and o.objid = k.contypid
  union all select o.id, e.classid, e.objid, 0 from pg_depend e join object o on o.kind = 'extension' and o.objid = e.refobjid
    where e.refclassid = 'pg_extension'::regclass and e.deptype = 'e'`;

/**
 * Rows of kind, table, name and facts. The fact `needs` lists the objects of the schema that depend on each other by
 * pg_depend, as kind, table and name separated by tabs.
 */
export const catalogQuery = `
with ${relations},
object as materialized (
  select row_number() over () as id, o.* from (
${[tables, columns, constraints, indexes, types, sequences, views, behaviour].join('\n  union all')}
  ) as o (kind, "table", name, facts, classid, objid, objsubid)),
address as materialized (${addresses}),
need as (
  select a.id, jsonb_agg(distinct concat_ws(E'\\t', o.kind, coalesce(o."table", ''), o.name)) as needs
  from address a join pg_depend d on d.classid = a.classid and d.objid = a.objid and (d.objsubid = a.objsubid or a.objsubid < 0)
  join address r on r.classid = d.refclassid and r.objid = d.refobjid
  join object o on o.id = r.id and (o.objsubid = d.refobjsubid or o.kind = 'view')
  where a.id <> r.id and d.deptype <> 'P' and d.deptype <> 'S'
  group by a.id)
select o.kind, o."table", o.name, jsonb_strip_nulls(o.facts || jsonb_build_object('needs', n.needs))
from object o left join need n on n.id = o.id`;

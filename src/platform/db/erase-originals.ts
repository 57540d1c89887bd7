import { sql } from 'drizzle-orm';
import type { FastifyBaseLogger } from 'fastify';
import type { Db } from './client.ts';

const told = new WeakSet<object>();

/**
 * Removes what the ledger of an adoption kept of rows that are about to be deleted: the values that were replaced then.
 * A role that has no rights on the ledger deletes all the same, and the log says once what stays.
 * @param ids the keys of the rows in `table`
 */
export async function eraseOriginals(
  db: Db,
  log: Pick<FastifyBaseLogger, 'warn'>,
  table: 'users' | 'avatars' | 'avatar_photos',
  ids: readonly string[],
): Promise<void> {
  // Asked of the catalogue, since naming a table in a schema without rights is an error that ends the transaction.
  const { rows } = await db.execute<{ may: boolean }>(sql`
    select has_schema_privilege(namespace.oid, 'usage') and has_table_privilege(class.oid, 'select')
      and has_table_privilege(class.oid, 'delete') as may
    from pg_catalog.pg_class class join pg_catalog.pg_namespace namespace on namespace.oid = class.relnamespace
    where namespace.nspname = 'drizzle' and class.relname = 'likeness_originals'
  `);
  if (!rows[0]) return;
  if (rows[0].may) {
    await db.execute(sql`
      delete from drizzle.likeness_originals
      where table_name = ${table} and row_key = any(${sql.param(ids)}::text[])
    `);
  } else if (!told.has(log)) {
    told.add(log);
    log.warn(
      'the role of DATABASE_URL may not delete from drizzle.likeness_originals: values that an adoption replaced outlive the deletion of their rows',
    );
  }
}

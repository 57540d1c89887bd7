import { sql } from 'drizzle-orm';
import type { FastifyBaseLogger } from 'fastify';
import type { Db } from './client.ts';

const told = new WeakSet<object>();

/**
 * Deletes what an adoption's ledger kept of rows that are about to be deleted: their replaced values. Without rights on
 * the ledger the deletion still succeeds, and a log line says once what remains.
 * @param ids keys of the rows in `table`
 */
export async function eraseOriginals(
  db: Db,
  log: Pick<FastifyBaseLogger, 'warn'>,
  table: 'users' | 'avatars' | 'avatar_photos',
  ids: readonly string[],
): Promise<void> {
  // By the catalogue: naming a table in a schema without rights would abort the transaction.
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

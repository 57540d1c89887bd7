import type pg from 'pg';
import bossPackage from 'pg-boss/package.json' with { type: 'json' };

/** The schema that pg-boss keeps its tables in. */
export const queueSchema = 'pgboss';

/** The version of pg-boss's schema that the installed pg-boss works with. */
export const wantedQueueVersion: number = bossPackage.pgboss.schema;

/** The version of pg-boss's schema in the database; null when it is not installed. */
export async function readQueueVersion(client: pg.ClientBase): Promise<number | null> {
  const { rows: found } = await client.query<{ exists: boolean }>(
    `select to_regclass('${queueSchema}.version') is not null as exists`,
  );
  if (found[0]?.exists !== true) return null;
  const { rows } = await client.query<{ version: number }>(`select version::int from ${queueSchema}.version`);
  return rows[0]?.version ?? null;
}

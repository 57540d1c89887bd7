import type pg from 'pg';
import { getConstructionPlans, getMigrationPlans } from 'pg-boss';
import { refuse } from './migration-error.ts';
import { queueSchema as schema, readQueueVersion, wantedQueueVersion } from './queue-version.ts';

export type QueueSchema = { action: 'installed' | 'upgraded' | 'none'; from: number | null; to: number };

/**
 * Installs or upgrades pg-boss's schema with the SQL that pg-boss gives out for it, index builds included, and reads the
 * version back. pg-boss itself then starts with `migrate: false`. Refuses a schema made by a newer pg-boss. The caller
 * holds the migration lock.
 */
export async function migrateQueue(client: pg.ClientBase): Promise<QueueSchema> {
  const from = await readQueueVersion(client);
  if (from === wantedQueueVersion) return { action: 'none', from, to: from };
  if (from !== null && from > wantedQueueVersion) refuse([newer(from)]);
  if (from === null) await client.query(getConstructionPlans(schema));
  else await upgrade(client, from);
  const to = await readQueueVersion(client);
  if (to !== wantedQueueVersion)
    throw new Error(`pg-boss's schema has version ${to} after its migration to ${wantedQueueVersion}`);
  return { action: from === null ? 'installed' : 'upgraded', from, to };
}

// The plans are one transaction and, after its end, index builds that each need to be alone.
async function upgrade(client: pg.ClientBase, from: number): Promise<void> {
  const { rows } = await client.query<{ tableName: string; policy: string }>(
    `select table_name as "tableName", policy from ${schema}.queue where partition`,
  );
  const plans = getMigrationPlans(schema, from, { partitionTables: rows });
  const end = plans.lastIndexOf('COMMIT;') + 'COMMIT;'.length;
  await client.query(plans.slice(0, end));
  for (const build of plans.slice(end).split(/;\s*$/m)) if (build.trim() !== '') await client.query(build);
}

function newer(version: number) {
  const message = `pg-boss's schema in this database has version ${version}, newer than the ${wantedQueueVersion} this code works with: run the newer code.`;
  return { kind: 'pgboss_newer' as const, object: schema, message };
}

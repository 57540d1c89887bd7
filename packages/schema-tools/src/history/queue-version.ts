import type pg from 'pg';
import bossPackage from 'pg-boss/package.json' with { type: 'json' };
import type { HistoryProblem } from './errors.ts';
import type { Migration } from './folder.ts';
import { lookForTable } from './relations.ts';

/** The schema that pg-boss keeps its tables in. */
export const queueSchema = 'pgboss';

/** The version of pg-boss's schema that the installed pg-boss works with. */
export const wantedQueueVersion: number = bossPackage.pgboss.schema;

/** The version of pg-boss's schema in a database; null when it is not installed, `hidden` when the role may not read it. */
export type QueueVersion = number | null | 'hidden';

/** Reads the version of pg-boss's schema. */
export async function readQueueVersion(client: pg.ClientBase): Promise<QueueVersion> {
  const visibility = await lookForTable(client, queueSchema, 'version');
  if (visibility !== 'there') return visibility === 'absent' ? null : 'hidden';
  const { rows } = await client.query<{ version: number }>(`select version::int from ${queueSchema}.version`);
  return rows[0]?.version ?? null;
}

/** The version that these migrations bring pg-boss's schema to; null when none of them makes it. */
export function queueVersionOf(migrations: readonly Pick<Migration, 'queueVersion'>[]): number | null {
  return migrations.findLast(({ queueVersion }) => queueVersion !== null)?.queueVersion ?? null;
}

/** Whether pg-boss's schema is what applied migrations promise; null when it is, or can't be seen. */
export async function findMissingQueue(
  client: pg.ClientBase,
  applied: readonly Migration[],
): Promise<HistoryProblem | null> {
  const promised = queueVersionOf(applied);
  if (promised === null) return null;
  const version = await readQueueVersion(client);
  if (version === 'hidden' || (version !== null && version >= promised)) return null;
  const file = applied.findLast(({ queueVersion }) => queueVersion !== null)?.name ?? '';
  const found =
    version === null
      ? `there is no schema ${queueSchema}: run ${file}.sql with psql, which makes it`
      : `the schema ${queueSchema} has version ${version} where that makes ${promised}: it was changed by other means`;
  const message = `The history says that ${file} is applied, but ${found}.`;
  return { kind: 'effect_missing', object: queueSchema, message };
}

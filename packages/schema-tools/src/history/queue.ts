import type pg from 'pg';
import type { Project } from '../project.ts';
import type { HistoryProblem } from './errors.ts';
import type { Migration } from './folder.ts';
import { lookForTable } from './relations.ts';

/** Null when not installed, `hidden` when the role may not read it. */
export type QueueVersion = number | null | 'hidden';

export async function readQueueVersion(
  client: pg.ClientBase,
  { queue: { schema } }: Pick<Project, 'queue'>,
): Promise<QueueVersion> {
  const visibility = await lookForTable(client, schema, 'version');
  if (visibility !== 'there') return visibility === 'absent' ? null : 'hidden';
  const { rows } = await client.query<{ version: number }>(`select version::int from ${schema}.version`);
  return rows[0]?.version ?? null;
}

/** The version of the queue's schema after these migrations; null when none creates it. */
export function queueVersionOf(migrations: readonly Pick<Migration, 'queueVersion'>[]): number | null {
  return migrations.findLast(({ queueVersion }) => queueVersion !== null)?.queueVersion ?? null;
}

/** How the queue's schema falls short of applied migrations; null when it does not, or is hidden. */
export async function findMissingQueue(
  client: pg.ClientBase,
  project: Pick<Project, 'queue'>,
  applied: readonly Migration[],
): Promise<HistoryProblem | null> {
  const promised = queueVersionOf(applied);
  if (promised === null) return null;
  const version = await readQueueVersion(client, project);
  if (version === 'hidden' || (version !== null && version >= promised)) return null;
  const { schema } = project.queue;
  const file = applied.findLast(({ queueVersion }) => queueVersion !== null)?.name ?? '';
  const found =
    version === null
      ? `there is no schema ${schema}: run ${file}.sql with psql, which makes it`
      : `the schema ${schema} has version ${version} where that makes ${promised}: it was changed by other means`;
  const message = `The history says that ${file} is applied, but ${found}.`;
  return { kind: 'effect_missing', object: schema, message };
}

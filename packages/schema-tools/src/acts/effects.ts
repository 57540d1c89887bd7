import type pg from 'pg';
import { keyOf } from '../catalog/objects.ts';
import { objectOf } from '../diff/diff.ts';
import type { DriftFinding } from '../fix/finding.ts';
import { readAccepted } from '../history/ledger.ts';
import { driftOf } from './drift.ts';
import { type HistoryProblem, MigrationError } from '../history/errors.ts';
import type { Migration } from '../history/folder.ts';
import { findMissingQueue } from '../history/queue.ts';
import { hindersBeside, readStanding } from './standing.ts';
import type { Project } from '../project.ts';

/**
 * Checks what the migrations promise: a history row with the right hash for each file, everything that the newest
 * `applied` files create, and of older files everything without which statements would fail. Ignores other differences.
 * @param applied number of files applied just now
 * @returns what is missing
 */
export async function findMissingEffects(
  client: pg.ClientBase,
  project: Project,
  migrations: Migration[],
  applied = 0,
): Promise<HistoryProblem[]> {
  const { pending, problems } = await readStanding(client, project, migrations);
  const isAhead = problems.some(({ kind }) => kind === 'ahead');
  const unrecorded = pending.map(({ name }) => missing(name, `${name} ran, but the history has no row of it.`));
  // Files that cannot run in a scratch schema are not checked.
  const lost = await findLost(client, project, migrations, { applied, isAhead }).catch((error: unknown) => {
    if (error instanceof MigrationError && error.code === 'failed') return [];
    throw error;
  });
  const queue = await findMissingQueue(client, project, migrations);
  return [...problems, ...unrecorded, ...lost, ...(queue ? [queue] : [])];
}

async function findLost(
  client: pg.ClientBase,
  project: Project,
  migrations: Migration[],
  { applied, isAhead }: { applied: number; isAhead: boolean },
): Promise<HistoryProblem[]> {
  const accepted = await readAccepted(client, project);
  const { drift, expected } = await driftOf(client, { project, migrations, accepted });
  const before = new Set(expected.after(migrations.length - applied).map(keyOf));
  const isNew = ({ difference }: DriftFinding) => !before.has(keyOf(objectOf(difference)));
  return drift
    .filter((finding) => finding.code.startsWith('missing_') && (!isAhead || hindersBeside(finding)))
    .filter((finding) => finding.severity === 'critical' || (isNew(finding) && finding.cause !== 'accepted'))
    .map(({ object, message }) =>
      missing(`public.${object}`, `The history says that all migrations are applied, but: ${message}`),
    );
}

function missing(object: string, message: string): HistoryProblem {
  return { kind: 'effect_missing', object, message };
}

import type pg from 'pg';
import { type ExpectedSchema, expectSchema } from '../catalog/expected.ts';
import { keyOf } from '../catalog/objects.ts';
import { applyAcceptances, compareSides } from '../fix/compare.ts';
import { type DriftFinding, objectOf } from '../fix/finding.ts';
import { readAccepted } from '../history/ledger.ts';
import { readLive } from './live.ts';
import { type HistoryProblem, MigrationError } from '../history/errors.ts';
import type { Migration } from '../history/folder.ts';
import { findMissingQueue } from '../history/queue.ts';
import { hindersBeside, readStanding } from './standing.ts';
import type { Project } from '../project.ts';

/**
 * Looks in the database for what the migrations promise: a history row with the right hash for each file, everything that
 * the newest `applied` files make, and of what the older ones make all that statements would fail without. Empty when all
 * is there. It is no check for other differences.
 * @param applied how many files were applied just now
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
  // Files that can't be run in a scratch schema can't be asked what they promise.
  const promised = await expectSchema(client, project, migrations).catch((error: unknown) => {
    if (error instanceof MigrationError && error.code === 'failed') return undefined;
    throw error;
  });
  const lost = promised ? await findLost(client, project, promised, migrations.length, applied, isAhead) : [];
  const queue = await findMissingQueue(client, project, migrations);
  return [...problems, ...unrecorded, ...lost, ...(queue ? [queue] : [])];
}

async function findLost(
  client: pg.ClientBase,
  project: Project,
  promised: ExpectedSchema,
  count: number,
  applied: number,
  isAhead: boolean,
): Promise<HistoryProblem[]> {
  const all = promised.after(count);
  const before = new Set(promised.after(count - applied).map(keyOf));
  const drift = compareSides({
    live: await readLive(client, { expected: [all] }),
    applied: all,
    all,
    unadopted: false,
  });
  const isNew = ({ difference }: DriftFinding) => !before.has(keyOf(objectOf(difference)));
  return applyAcceptances(drift, await readAccepted(client, project))
    .filter((finding) => finding.code.startsWith('missing_') && (!isAhead || hindersBeside(finding)))
    .filter((finding) => finding.severity === 'critical' || (isNew(finding) && finding.cause !== 'accepted'))
    .map(({ object, message }) =>
      missing(`public.${object}`, `The history says that all migrations are applied, but: ${message}`),
    );
}

function missing(object: string, message: string): HistoryProblem {
  return { kind: 'effect_missing', object, message };
}

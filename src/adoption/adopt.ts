import type pg from 'pg';
import { type CheckResult, checkDatabase } from '@likeness/schema-tools/acts/check.ts';
import { type Contents, contentChanges, measureContents } from '@likeness/schema-tools/catalog/contents.ts';
import { compareLive } from '@likeness/schema-tools/acts/drift.ts';
import { type DriftFinding, plain } from '@likeness/schema-tools/fix/finding.ts';
import { inTransaction, rolledBack } from '@likeness/schema-tools/history/transaction.ts';
import { createHistory, insertHistory } from '@likeness/schema-tools/history/history.ts';
import { createLedger, enterAct, keepAcceptance, updateAct } from '@likeness/schema-tools/history/ledger.ts';
import { readLiveWithin } from '@likeness/schema-tools/acts/live.ts';
import { holdersOf } from '@likeness/schema-tools/history/lock-holders.ts';
import { MigrationError, reasonOf, sqlStateOf } from '@likeness/schema-tools/history/errors.ts';
import type { Migration } from '@likeness/schema-tools/history/folder.ts';
import { hashOf } from '@likeness/schema-tools/acts/repair.ts';
import type { Project } from '@likeness/schema-tools/project.ts';
import { actSetting } from './conversions.ts';
import { reasonToKeep } from './decide.ts';
import { type AdoptionPlan, type AdoptionStep, planAdoption } from './plan.ts';
import { type AdoptedTrainings, adoptTrainings, type TrainerOf } from './trainings.ts';

export type AdoptOptions = {
  project: Project;
  migrations: Migration[];
  allow: readonly string[];
  trainerOf: TrainerOf;
  /** Milliseconds that a statement waits for a lock. */
  lockTimeoutMs: number;
  onStep?: (title: string, index: number, count: number) => void;
};

export type Adopted = {
  act: number;
  before: Contents;
  /** Measured as if the replaced values were restored: equal to `before` in every column. */
  after: Contents;
  /** Number of replaced values by column; the originals are in the ledger. */
  replaced: { column: string; values: number }[];
  trainings: AdoptedTrainings;
  /** Completed avatars, by whether an address of their weights is known. */
  weights: { addressed: number; lost: number };
  kept: { code: string; object: string; reason: string }[];
};

/** The current plan and its inputs. Reads only. */
export async function previewAdoption(
  client: pg.ClientBase,
  { project, allow }: Pick<AdoptOptions, 'project' | 'allow'>,
): Promise<{ checked: CheckResult; plan: AdoptionPlan }> {
  const checked = await checkDatabase(client, { project, against: 'migrations' });
  const plan = await rolledBack(
    client,
    () => planAdoption(client, checked, allow),
    'isolation level repeatable read read only',
  );
  return { checked, plan };
}

/**
 * Adopts the database in one transaction, from the first lock to the rows of the migration history: changes the schema,
 * converts values, then compares and measures everything. A failure before the commit changes nothing but the ledger's
 * note of the start, and it can be run again. The caller holds the migration lock.
 * @throws MigrationError `refused` for rows that cannot be adopted; `failed` when it was rolled back
 */
export async function adoptDatabase(client: pg.ClientBase, options: AdoptOptions): Promise<Adopted> {
  const { project } = options;
  await createLedger(client, project);
  const checked = await checkDatabase(client, { project, against: 'migrations' });
  const act = await enterAct(client, project, {
    act: 'adopt',
    target: 'alembic',
    hash: null,
    outcome: 'started',
    before: { findings: checked.drift.map(plain) },
  });
  try {
    return await inTransaction(client, () => adoptWithin(client, checked, act, options));
  } catch (error) {
    const details = { error: reasonOf(error), sqlState: sqlStateOf(error) ?? null };
    await updateAct(client, project, act, { outcome: 'failed', details }).catch(() => undefined);
    if (error instanceof MigrationError) throw error;
    const sqlState = sqlStateOf(error);
    const holders = await holdersOf(client, lockAll, error);
    const message = `The adoption failed and was rolled back: ${reasonOf(error)}${sqlState === undefined ? '' : ` (SQLSTATE ${sqlState})`}${holders}.`;
    throw new MigrationError('failed', message, { sqlState, cause: error });
  }
}

const lockAll = 'lock table users, avatars, avatar_photos in access exclusive mode';

async function adoptWithin(
  client: pg.ClientBase,
  checked: CheckResult,
  act: number,
  options: AdoptOptions,
): Promise<Adopted> {
  await client.query(`set local lock_timeout = ${options.lockTimeoutMs}`);
  await client.query('set local search_path = public');
  await client.query(`set local ${actSetting} = '${act}'`);
  // Nothing may change between plan and execution.
  await client.query(lockAll);
  const plan = await planAdoption(client, checked, options.allow);
  if (plan.refusals.length > 0)
    throw new MigrationError('refused', plan.refusals.map(({ message }) => message).join('\n'));
  const tables = checked.live.filter(({ kind }) => kind === 'table').map(({ name }) => name);
  const before = await measureContents(client, checked.live, tables);
  const trainings = await runSteps(client, plan.steps, options);
  const kept = await verifySchema(client, checked);
  const after = await measureContents(client, checked.live, tables, { ledger: options.project.ledger, act });
  const changes = contentChanges(before, after);
  if (changes.length > 0) {
    throw new MigrationError(
      'failed',
      `The adoption was rolled back, for values would have been lost: ${changes.join('; ')}.`,
    );
  }
  // The job queue is not part of the compared model.
  for (const { queueVersion, statements } of options.migrations) {
    if (queueVersion !== null) for (const statement of statements) await client.query(statement);
  }
  await createHistory(client);
  for (const migration of options.migrations) await insertHistory(client, migration);
  for (const { finding, reason } of kept) {
    await keepAcceptance(client, options.project, act, {
      code: finding.code,
      object: finding.object,
      actual: finding.actual,
      reason,
    });
  }
  const replaced = await countReplaced(client, act);
  const weights = await countWeights(client);
  const list = kept.map(({ finding: { code, object }, reason }) => ({ code, object, reason }));
  await updateAct(client, options.project, act, {
    outcome: 'done',
    details: {
      statements: hashOf(plan.steps.map(({ statements }) => statements)),
      steps: plan.steps.map(({ title, why }) => ({ title, why })),
      allowed: options.allow,
      stamped: options.migrations.map(({ name }) => name),
      replaced,
      trainings,
    },
    after: { findings: kept.map(({ finding }) => plain(finding)), contents: { before, after } },
  });
  return { act, before, after, replaced, trainings, weights, kept: list };
}

async function runSteps(
  client: pg.ClientBase,
  steps: AdoptionStep[],
  { onStep, trainerOf }: AdoptOptions,
): Promise<AdoptedTrainings> {
  let trainings: AdoptedTrainings = { polled: 0, failed: 0 };
  for (const [index, step] of steps.entries()) {
    onStep?.(step.title, index + 1, steps.length);
    for (const statement of step.statements) await client.query(statement);
    if (step.kind === 'trainings') trainings = await adoptTrainings(client, trainerOf);
    // A deferred check would keep its table from being altered.
    await client.query('set constraints all immediate');
  }
  return trainings;
}

// Every remaining difference must be one that was meant to stay.
async function verifySchema(
  client: pg.ClientBase,
  { expected }: CheckResult,
): Promise<{ finding: DriftFinding; reason: string }[]> {
  const live = await readLiveWithin(client, { expected: [expected] });
  const remaining = compareLive(live, { applied: expected, all: expected }, []).drift;
  const surprises = remaining.filter((finding) => finding.severity === 'critical' || reasonToKeep(finding) === null);
  if (surprises.length > 0) {
    const list = surprises.map(({ code, object }) => `${code} ${object}`).join(', ');
    throw new MigrationError('failed', `The adoption was rolled back, for the schema would still differ: ${list}.`);
  }
  return remaining.map((finding) => ({ finding, reason: reasonToKeep(finding) ?? '' }));
}

async function countReplaced(client: pg.ClientBase, act: number): Promise<Adopted['replaced']> {
  const { rows } = await client.query<{ column: string; values: string | number }>(
    `select table_name || '.' || column_name as "column", count(*) as "values"
     from drizzle.likeness_originals where ledger_id = $1 group by 1 order by 1`,
    [act],
  );
  return rows.map(({ column, values }) => ({ column, values: Number(values) }));
}

async function countWeights(client: pg.ClientBase): Promise<Adopted['weights']> {
  const isKnown = `coalesce(nullif(diffusers_lora_file_url, ''), lora_url) is not null`;
  const { rows } = await client.query<{ addressed: string | number; lost: string | number }>(
    `select count(*) filter (where ${isKnown}) as addressed, count(*) filter (where not (${isKnown})) as lost
     from avatars left join adopted_artifacts on avatar_id = avatars.id where status = 'completed'`,
  );
  return { addressed: Number(rows[0]?.addressed ?? 0), lost: Number(rows[0]?.lost ?? 0) };
}

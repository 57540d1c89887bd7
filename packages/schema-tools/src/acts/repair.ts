import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { LockPatience } from './apply.ts';
import { type CheckOptions, type CheckResult, checkDatabase } from './check.ts';
import { type Contents, contentChanges, measureContents } from '../catalog/contents.ts';
import { keyOf } from '../catalog/objects.ts';
import { type DriftFinding, plain } from '../fix/finding.ts';
import { orderSteps } from '../fix/order.ts';
import type { FixStep } from '../fix/steps.ts';
import { inTransaction } from '../history/transaction.ts';
import { compareLive } from './drift.ts';
import { createLedger, enterAct } from '../history/ledger.ts';
import { readLiveWithin } from './live.ts';
import { holdersOf } from '../history/lock-holders.ts';
import { MigrationError, reasonOf, sqlStateOf } from '../history/errors.ts';
import { quoteName } from '../text/sql-text.ts';
import type { Project } from '../project.ts';

export type RepairPlan = {
  formatVersion: 1;
  database: string;
  /** sha256 of the schema that the plan was made for; it applies to no other. */
  basis: string;
  steps: FixStep[];
  repairs: { code: string; object: string; class: string }[];
  /** Findings that the plan does not repair, with reasons. */
  left: { code: string; object: string; reason: string }[];
};

const free = new Set(['additive']);

/**
 * Plans the repair of manual changes. Additions and loosened rules are planned at once; what may fail on rows, rewrites
 * a table or removes something needs its code in `allow`. Pending migrations are not part of it.
 */
export function planRepair(checked: CheckResult, allow: readonly string[]): RepairPlan {
  // Without the history, drift and pending migrations look alike.
  const candidates = checked.state === 'hidden' ? [] : checked.drift.filter(({ cause }) => cause === 'drift');
  const reasonFor = ({ code, fix }: DriftFinding): string | null => {
    if (fix.sql === null) return fix.advice ?? 'needs a decision';
    return free.has(fix.class) || allow.includes(code) ? null : `is ${fix.class}: --allow ${code}`;
  };
  const chosen = candidates.filter((finding) => reasonFor(finding) === null);
  return {
    formatVersion: 1,
    database: checked.database,
    basis: hashOf(checked.live),
    steps: orderSteps(chosen.flatMap(({ steps }) => steps)).map(({ order: _order, ...step }) => step),
    repairs: chosen.map(({ code, object, fix }) => ({ code, object, class: fix.class })),
    left: candidates.flatMap((finding) => {
      const reason = reasonFor(finding);
      return reason === null ? [] : [{ code: finding.code, object: finding.object, reason }];
    }),
  };
}

export type RepairResult = { plan: RepairPlan; before: Contents; after: Contents; remaining: DriftFinding[] };

/**
 * Executes a plan in one transaction: measures the affected tables, runs the statements, measures again, compares the
 * schema and records it in the ledger. An unexpected change rolls everything back. The caller holds the migration lock.
 * @throws MigrationError `refused` for a plan of another schema; `failed` when it was rolled back
 */
export async function applyRepair(
  client: pg.ClientBase,
  plan: RepairPlan,
  options: CheckOptions & { patience: LockPatience },
): Promise<RepairResult> {
  const { project, schema = 'public' } = options;
  const checked = await checkDatabase(client, options);
  if (plan.database !== checked.database || plan.basis !== hashOf(checked.live)) {
    throw new MigrationError(
      'refused',
      'The plan was made for another state of the schema: plan again and read it anew.',
    );
  }
  await createLedger(client, project);
  return inTransaction(client, async () => {
    // Objects that were moved to another schema are measured there.
    const moved = checked.live.map(({ facts }) => facts['schema']).filter((each) => typeof each === 'string');
    const path = [schema, ...new Set(moved)].map(quoteName).join(', ');
    await client.query(`set local search_path = ${path}`);
    await client.query('set local check_function_bodies = off');
    await client.query(`set local lock_timeout = ${options.patience.lockTimeoutMs}`);
    const touched = tablesOf(checked, plan);
    const before = underRepairedNames(await measureContents(client, checked.live, touched), checked, plan);
    for (const { sql } of plan.steps) await client.query(sql);
    const live = await readLiveWithin(client, { schema, expected: [checked.appliedSchema, checked.expected] });
    const after = await measureContents(client, live, touched);
    const changes = contentChanges(before, after);
    if (changes.length > 0)
      throw new MigrationError('failed', `The repair was rolled back, for it changed contents: ${changes.join('; ')}.`);
    // Compared with all migrations, so that pending ones make no difference.
    const sides = { applied: checked.appliedSchema, all: checked.expected };
    const remaining = compareLive(live, sides, checked.accepted).drift;
    const still = plan.repairs.filter(({ code, object }) =>
      remaining.some((each) => each.code === code && each.object === object),
    );
    if (still.length > 0) {
      const list = still.map(({ code, object }) => `${code} ${object}`).join(', ');
      throw new MigrationError('failed', `The repair was rolled back, for it did not mend ${list}.`);
    }
    await enterAct(client, project, {
      act: 'repair',
      target: schema,
      hash: hashOf(plan.steps.map(({ sql }) => sql)),
      outcome: 'done',
      details: { statements: plan.steps.map(({ sql }) => sql), left: plan.left },
      before: { findings: checked.drift.map(plain), contents: before },
      after: { findings: remaining.map(plain), contents: after },
    });
    return { plan, before, after, remaining };
  }).catch(async (error: unknown) => {
    throw await failedRepair(client, project, plan, schema, error);
  });
}

async function failedRepair(
  client: pg.ClientBase,
  project: Project,
  plan: RepairPlan,
  schema: string,
  error: unknown,
): Promise<MigrationError> {
  const sqlState = sqlStateOf(error);
  const reason = reasonOf(error);
  await enterAct(client, project, {
    act: 'repair',
    target: schema,
    hash: hashOf(plan.steps.map(({ sql }) => sql)),
    outcome: 'failed',
    details: { error: reason, sqlState: sqlState ?? null },
  }).catch(() => undefined);
  if (error instanceof MigrationError) return error;
  const holders = await holdersOf(client, plan.steps.map(({ sql }) => sql).join(';'), error);
  return new MigrationError(
    'failed',
    `The repair failed and was rolled back: ${reason}${sqlState === undefined ? '' : ` (SQLSTATE ${sqlState})`}${holders}.`,
    {
      sqlState,
      cause: error,
    },
  );
}

// What was measured under the names that tables and columns have afterwards: names may have been exchanged.
function underRepairedNames(measured: Contents, { drift }: CheckResult, { repairs }: RepairPlan): Contents {
  const chosen = new Set(repairs.map(({ code, object }) => `${code} ${object}`));
  const renamed = drift.filter(({ code, object }) => code.startsWith('renamed_') && chosen.has(`${code} ${object}`));
  const names = new Map(
    renamed.flatMap(({ difference: { expected, actual } }) =>
      expected && actual ? [[keyOf(actual), expected.name] as const] : [],
    ),
  );
  const nameOf = (kind: 'table' | 'column', table: string | null, name: string) =>
    names.get(keyOf({ kind, table, name })) ?? name;
  return Object.fromEntries(
    Object.entries(measured).map(([table, { rows, columns }]) => [
      nameOf('table', null, table),
      {
        rows,
        columns: Object.fromEntries(
          Object.entries(columns).map(([column, sum]) => [nameOf('column', table, column), sum]),
        ),
      },
    ]),
  );
}

// Tables named by statements or findings; the other table of a foreign key is read, not written.
function tablesOf(checked: CheckResult, plan: RepairPlan): string[] {
  const named = new Set(plan.repairs.map(({ code, object }) => `${code} ${object}`));
  return checked.drift
    .filter(({ code, object }) => named.has(`${code} ${object}`))
    .flatMap(({ table, difference }) => [
      table,
      difference.actual?.table ?? null,
      difference.actual?.kind === 'table' ? difference.actual.name : null,
    ])
    .filter((table) => table !== null);
}

export function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

/** @throws MigrationError `refused` for text that is no plan */
export function parsePlan(project: Project, text: string): RepairPlan {
  const value: unknown = JSON.parse(text);
  if (
    typeof value !== 'object' ||
    value === null ||
    !('formatVersion' in value && value.formatVersion === 1) ||
    !('steps' in value && Array.isArray(value.steps)) ||
    !('basis' in value && typeof value.basis === 'string')
  ) {
    throw new MigrationError('refused', `The file holds no plan of \`${project.program} repair --plan FILE\`.`);
  }
  // The basis refuses plans of other schemas, and the SQL was reviewed.
  return value as RepairPlan;
}

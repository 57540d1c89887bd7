import type pg from 'pg';
import type { Finding } from '../fix/finding.ts';
import { type Comparison, compare, historyVisibility, readHistory } from '../history/history.ts';
import { type LedgerRow, readLedger } from '../history/ledger.ts';
import type { HistoryProblem } from '../history/errors.ts';
import type { Migration } from '../history/folder.ts';
import type { Project } from '../project.ts';

/**
 * Compares folder and history, with the ledger: a file that the ledger has as applied and the history lacks is not
 * pending, its row is lost. Reads only.
 */
export async function readStanding(
  client: pg.ClientBase,
  project: Project,
  migrations: Migration[],
): Promise<Comparison> {
  if ((await historyVisibility(client)) === 'hidden') return { applied: [], pending: [], problems: [hidden] };
  const comparison = compare(migrations, await readHistory(client));
  if (comparison.pending.length === 0) return comparison;
  const recorded = recordedNames(await readLedger(client, project));
  const lost = comparison.pending.filter(({ name }) => recorded.has(name));
  if (lost.length === 0) return comparison;
  const names = new Set(lost.map(({ name }) => name));
  const others = comparison.problems.filter(({ kind, object }) => kind !== 'out_of_order' || !names.has(object));
  return {
    applied: migrations.filter((migration) => comparison.applied.includes(migration) || lost.includes(migration)),
    pending: comparison.pending.filter((migration) => !lost.includes(migration)),
    problems: [...others, ...lost.map((migration) => lostRow(project, migration))],
  };
}

/** The problems that prevent this code from using a database; a migration by newer code does not. */
export function contradictions({ problems }: Pick<Comparison, 'problems'>): HistoryProblem[] {
  return problems.filter(({ kind }) => kind !== 'ahead');
}

// Newer code may have replaced or loosened them.
const replaceable = /^(missing_index|missing_constraint|index_def|index_invalid|constraint_def|missing_enum|renamed_)/;

/** Whether a difference in a database of newer code prevents this code from using it: something is missing. */
export function hindersBeside({ code, severity }: Pick<Finding, 'code' | 'severity'>): boolean {
  return severity === 'critical' && !replaceable.test(code);
}

// The history according to the last act about each file.
function recordedNames(ledger: readonly LedgerRow[]): Set<string> {
  const names = new Set<string>();
  for (const { act, target, outcome, details, after } of ledger) {
    if (outcome !== 'done') continue;
    if (act === 'migrate') names.add(target);
    if (act === 'stamp' || act === 'adopt') for (const name of textsOf(details?.['stamped'])) names.add(name);
    if (act === 'reset') {
      names.clear();
      for (const name of recordedBy(after)) names.add(name);
    }
  }
  return names;
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function recordedBy(after: unknown): string[] {
  if (typeof after !== 'object' || after === null || !('history' in after) || !Array.isArray(after.history)) return [];
  return after.history.flatMap((row: unknown) =>
    typeof row === 'object' && row !== null && 'name' in row && typeof row.name === 'string' ? [row.name] : [],
  );
}

function lostRow(project: Project, { name }: Migration): HistoryProblem {
  const message = `The ledger says that ${name} is applied, and the history has no row of it: the row was lost. \`${project.program} reset --state\` rebuilds the history from what is there.`;
  return { kind: 'missing', object: name, message };
}

const hidden: HistoryProblem = {
  kind: 'hidden',
  object: 'drizzle.__drizzle_migrations',
  message:
    'This role may not read drizzle.__drizzle_migrations, so it is not known which migrations are applied: grant it usage on the schema drizzle and select on its tables.',
};

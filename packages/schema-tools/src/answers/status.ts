import type { Finding } from '../fix/finding.ts';
import { findingsOfHistory, findingsOfQueue } from '../acts/history-findings.ts';
import type { Comparison, HistoryRow } from '../history/history.ts';
import type { LedgerRow } from '../history/ledger.ts';
import type { Migration } from '../history/folder.ts';
import { queueVersionOf, type QueueVersion } from '../history/queue.ts';
import { type Answer, countOf, type Mark, worstMark } from '../report/document.ts';
import type { Project } from '../project.ts';

export type StatusFacts = {
  project: Project;
  database: string;
  serverVersion: string;
  migrations: readonly Migration[];
  history: readonly HistoryRow[];
  comparison: Comparison;
  ledger: readonly LedgerRow[];
  queueVersion: QueueVersion;
};

/** What `status` answers: which files are applied and which pending, when and by whom; and the queue's version. */
export function answerStatus(facts: StatusFacts): Answer {
  const { project, database, serverVersion, comparison, queueVersion } = facts;
  const isUnadopted = comparison.problems.some(({ kind }) => kind === 'unadopted');
  const findings = [
    ...findingsOfHistory(project, comparison),
    // Adopting installs the queue too.
    ...(isUnadopted ? [] : findingsOfQueue(project, queueVersion, queueVersionOf(comparison.pending) !== null)),
  ];
  const files = facts.migrations.map((migration) => fileOf(migration, facts));
  const pending = comparison.pending.map(({ name }) => name);
  return {
    command: 'status',
    exitCode: exitCodeOf(comparison, findings),
    database,
    serverVersion,
    findings,
    data: { migrations: files, pending, queue: { version: queueVersion, wanted: project.queue.wanted } },
    title: `Status of ${database}`,
    blocks: [
      { type: 'verdict', ...verdictOf(project, comparison, findings) },
      {
        type: 'table',
        columns: ['migration', 'state', 'applied at', 'by'],
        rows: files.map(({ name, state, appliedAt, by }) => [name, state, appliedAt ?? '', by ?? '']),
      },
      { type: 'text', text: `${project.queue.library}: version ${queueVersion ?? 'none'} of ${project.queue.wanted}.` },
      ...(findings.length > 0 ? [{ type: 'findings' as const, findings }] : []),
    ],
  };
}

function exitCodeOf({ pending, problems }: Comparison, findings: readonly Finding[]): number {
  if (problems.some(({ kind }) => kind !== 'ahead')) return 3;
  return pending.length > 0 || findings.length > 0 ? 2 : 0;
}

function verdictOf(
  project: Project,
  { applied, pending, problems }: Comparison,
  findings: readonly Finding[],
): { mark: Mark; text: string } {
  if (problems.some(({ kind }) => kind === 'unadopted'))
    return {
      mark: 'critical',
      text: `This database belongs to the earlier system: \`${project.program} ${project.adoption.command}\` takes it over.`,
    };
  if (problems.length > 0)
    return { mark: worstMark(findings), text: 'The history and the folder contradict each other.' };
  if (pending.length > 0)
    return {
      mark: 'warning',
      text: `${applied.length} applied, ${pending.length} pending: run \`${project.program} migrate\`.`,
    };
  return { mark: worstMark(findings), text: `${countOf(applied.length, 'migration')} applied, none pending.` };
}

type File = {
  name: string;
  state: 'applied' | 'pending' | 'half applied' | 'contradicted';
  appliedAt: string | null;
  by: string | null;
};

// Adopting and stamping record migrations that they don't run.
function isStampedBy(details: Record<string, unknown> | undefined, name: string): boolean {
  const stamped = details?.['stamped'];
  return Array.isArray(stamped) && stamped.includes(name);
}

// The ledger tells when and who; rows that drizzle-kit wrote have neither.
function fileOf({ name }: Migration, { comparison, ledger }: StatusFacts): File {
  const acts = ledger.filter(({ target, details }) => target === name || isStampedBy(details, name));
  const done = acts.findLast(({ outcome }) => outcome === 'done');
  const last = acts.at(-1);
  const isPending = comparison.pending.some((migration) => migration.name === name);
  const isContradicted = comparison.problems.some(({ object }) => object === name);
  const half = last?.outcome === 'half_applied' || last?.outcome === 'started';
  const state = isContradicted ? 'contradicted' : isPending ? (half ? 'half applied' : 'pending') : 'applied';
  return {
    name,
    state,
    appliedAt: done?.endedAt?.toISOString() ?? null,
    by: done ? `${done.operator} as ${done.role}` : null,
  };
}

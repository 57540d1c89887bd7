import { type DatabaseStatus, findingsOfStatus } from '../acts/status.ts';
import { type DriftFinding, type Finding, plain } from '../fix/finding.ts';
import type { LedgerRow } from '../history/ledger.ts';
import type { Migration } from '../history/folder.ts';
import { type Answer, countOf, type Mark, worstMark } from '../report/document.ts';

export type StatusFacts = {
  database: string;
  serverVersion: string;
  migrations: readonly Migration[];
  status: DatabaseStatus;
  /** The differences over which the code's statements would fail. */
  hindering: readonly DriftFinding[];
  ledger: readonly LedgerRow[];
};

/** What `status` answers: which files are applied and which pending, when and by whom; the queue's version; and what keeps the code from starting. */
export function answerStatus(facts: StatusFacts): Answer {
  const { database, serverVersion, status, hindering } = facts;
  const { project, queue } = status;
  const findings = [...findingsOfStatus(status), ...hindering.map(plain)];
  const files = filesOf(facts);
  const pending = status.pending.map(({ name }) => name);
  return {
    command: 'status',
    exitCode: exitCodeOf(status, findings),
    database,
    serverVersion,
    findings,
    data: { migrations: files, pending, queue: { version: queue, wanted: project.queue.wanted } },
    title: `Status of ${database}`,
    blocks: [
      { type: 'verdict', ...verdictOf(status, findings) },
      {
        type: 'table',
        columns: ['migration', 'state', 'applied at', 'by'],
        rows: files.map(({ name, state, appliedAt, by }) => [name, state, appliedAt ?? '', by ?? '']),
      },
      { type: 'text', text: `${project.queue.library}: version ${queue ?? 'none'} of ${project.queue.wanted}.` },
      ...(findings.length > 0 ? [{ type: 'findings' as const, findings }] : []),
    ],
  };
}

function exitCodeOf({ pending, problems }: DatabaseStatus, findings: readonly Finding[]): number {
  if (problems.some(({ kind }) => kind !== 'ahead')) return 3;
  return pending.length > 0 || findings.length > 0 ? 2 : 0;
}

function verdictOf(status: DatabaseStatus, findings: readonly Finding[]): { mark: Mark; text: string } {
  const { project, state, applied, pending } = status;
  if (state === 'unadopted')
    return {
      mark: 'critical',
      text: `This database belongs to the earlier system: \`${project.program} ${project.adoption.command}\` takes it over.`,
    };
  if (state === 'broken' || state === 'hidden')
    return { mark: worstMark(findings), text: 'The history and the folder contradict each other.' };
  if (pending.length > 0)
    return {
      mark: 'warning',
      text: `${applied.length} applied, ${pending.length} pending: run \`${project.program} migrate\`.`,
    };
  const newer = state === 'ahead' ? ', and newer code has applied more' : '';
  return { mark: worstMark(findings), text: `${countOf(applied.length, 'migration')} applied, none pending${newer}.` };
}

type File = {
  name: string;
  state: 'applied' | 'pending' | 'half applied' | 'contradicted';
  appliedAt: string | null;
  by: string | null;
};

type Acts = { done: LedgerRow | undefined; last: LedgerRow | undefined };

// One pass over the ledger, which grows with every act.
function actsByFile(ledger: readonly LedgerRow[]): Map<string, Acts> {
  const acts = new Map<string, Acts>();
  for (const row of ledger) {
    for (const name of new Set([row.target, ...stampedBy(row)])) {
      acts.set(name, { done: row.outcome === 'done' ? row : acts.get(name)?.done, last: row });
    }
  }
  return acts;
}

// Adoption and stamping record migrations without running them.
function stampedBy({ details }: LedgerRow): string[] {
  const stamped = details?.['stamped'];
  return Array.isArray(stamped) ? stamped.filter((name) => typeof name === 'string') : [];
}

// From the ledger; rows written by drizzle-kit have no time or author.
function filesOf({ migrations, status, ledger }: StatusFacts): File[] {
  const acts = actsByFile(ledger);
  const pending = new Set(status.pending.map(({ name }) => name));
  const named = new Set(status.problems.map(({ object }) => object));
  // Of a history that is gone no file is known to be applied.
  const isGone = status.problems.some(
    ({ kind, object }) => kind === 'missing' && !migrations.some(({ name }) => name === object),
  );
  return migrations.map(({ name }) => {
    const { done, last } = acts.get(name) ?? {};
    const half = last?.outcome === 'half_applied' || last?.outcome === 'started';
    const open = half ? 'half applied' : 'pending';
    return {
      name,
      state: isGone || named.has(name) ? 'contradicted' : pending.has(name) ? open : 'applied',
      appliedAt: done?.endedAt?.toISOString() ?? null,
      by: done ? `${done.operator} as ${done.role}` : null,
    };
  });
}

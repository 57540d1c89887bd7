import { type Catalog, partsOf } from '../catalog/objects.ts';
import type { CheckResult } from '../acts/check.ts';
import { hinderingOf } from '../acts/status.ts';
import { type Finding, plain } from '../fix/finding.ts';
import type { LedgerRow } from '../history/ledger.ts';
import type { Migration } from '../history/folder.ts';
import { type Answer, type Block, type Summary, summarize, summaryText, worstMark } from '../report/document.ts';
import { closingBlocks, stateText } from './check.ts';
import { mapOf } from './map.ts';
import { answerStatus } from './status.ts';
import type { Project } from '../project.ts';

export type ReportFacts = {
  checked: CheckResult;
  migrations: readonly Migration[];
  ledger: readonly LedgerRow[];
  /** The effects of an adoption, for people and as JSON; null for a database that is ours. */
  adoption: { blocks: Block[]; data: Record<string, unknown> } | null;
  at: Date;
};

/** The full report: the current state, and the state before each act, with its author. */
export function answerReport(facts: ReportFacts): Answer {
  const { checked, ledger, adoption, at } = facts;
  const findings = [...checked.other, ...checked.drift.map(plain)];
  const mark = worstMark(findings);
  const acts = ledger.filter(({ outcome, before }) => outcome === 'done' && findingsIn(before) !== undefined);
  return {
    command: 'report',
    exitCode: 0,
    database: checked.database,
    serverVersion: checked.serverVersion,
    findings,
    data: {
      at: at.toISOString(),
      state: checked.state,
      pending: checked.pending,
      acts: acts.map(({ id, act, before, after }) => ({ id, act, before: summaryOf(before), after: summaryOf(after) })),
      ...(adoption && { adoption: adoption.data }),
    },
    title: `Database report: ${checked.database}`,
    blocks: [
      { type: 'verdict', mark, text: `${stateText(checked)} ${summaryText(summarize(findings))}.` },
      {
        type: 'text',
        text: `Written ${at.toISOString().slice(0, 16).replace('T', ' ')} UTC. Each name below is an object of the database; what differs from the model comes first and says how.`,
      },
      mapOf(checked, findings),
      ...(findings.length > 0
        ? [
            { type: 'heading' as const, text: 'Findings' },
            { type: 'findings' as const, findings },
          ]
        : []),
      ...acts.flatMap((act) => actBlocks(act, checked)),
      ...(adoption?.blocks ?? []),
      { type: 'heading', text: 'Migrations' },
      ...statusBlocks(facts),
      ...ledgerBlocks(ledger),
      { type: 'heading', text: 'Beyond this report' },
      ...closingBlocks(checked),
    ],
  };
}

function statusBlocks({ checked, migrations, ledger }: ReportFacts): Block[] {
  const { database, serverVersion, status, drift } = checked;
  const facts = { database, serverVersion, migrations, status, hindering: hinderingOf(drift), ledger };
  return answerStatus(facts).blocks.filter(({ type }) => type === 'table' || type === 'text');
}

// The findings of an act and what it left, by code.
function actBlocks(
  { act, endedAt, operator, before, after, details = {} }: LedgerRow,
  { project, live }: CheckResult,
): Block[] {
  const [was, is] = [findingsIn(before) ?? [], findingsIn(after) ?? []];
  const codes = [...new Set([...was, ...is].map(({ code }) => code))].sort();
  const count = (list: readonly Finding[], code: string) =>
    String(list.filter((finding) => finding.code === code).length);
  const contents = contentsIn(after, live) ?? contentsIn(before, live);
  return [
    {
      type: 'heading',
      text: `Before and after: ${act}, ${endedAt?.toISOString().slice(0, 16).replace('T', ' ') ?? ''} UTC, by ${operator}`,
    },
    { type: 'text', text: `Before: ${summaryText(summarize(was))}. After: ${summaryText(summarize(is))}.` },
    {
      type: 'table',
      columns: ['finding', 'before', 'after'],
      rows: codes.map((code) => [code, count(was, code), count(is, code)]),
    },
    ...(contents
      ? [
          {
            type: 'table' as const,
            columns: ['table', 'rows before', 'rows after', 'columns before', 'columns now'],
            rows: contents,
          },
        ]
      : []),
    ...replacedBlocks(project, details),
  ];
}

function replacedBlocks({ ledger }: Project, { replaced }: Record<string, unknown>): Block[] {
  if (!Array.isArray(replaced) || replaced.length === 0) return [];
  const items = replaced.flatMap((each: unknown) =>
    typeof each === 'object' && each !== null && 'column' in each && 'values' in each
      ? [`${String(each.column)}: ${String(each.values)} values replaced, originals in drizzle.${ledger}_originals`]
      : [],
  );
  return [{ type: 'list', items }];
}

function ledgerBlocks(ledger: readonly LedgerRow[]): Block[] {
  if (ledger.length === 0) return [];
  const rows = ledger.map(({ id, startedAt, act, target, outcome, role, operator }) => [
    String(id),
    startedAt.toISOString().slice(0, 19).replace('T', ' '),
    act,
    target,
    outcome,
    `${operator} as ${role}`,
  ]);
  return [
    { type: 'heading', text: 'Ledger' },
    { type: 'table', columns: ['no.', 'when (UTC)', 'act', 'target', 'outcome', 'who'], rows },
  ];
}

function summaryOf(value: unknown): Summary | null {
  const found = findingsIn(value);
  return found ? summarize(found) : null;
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, key)?.value : undefined;
}

function findingsIn(value: unknown): Finding[] | undefined {
  const found = member(value, 'findings');
  // Written into the ledger by these tools.
  return Array.isArray(found) ? (found as Finding[]) : undefined;
}

function contentsIn(value: unknown, live: Catalog): string[][] | undefined {
  const contents = member(value, 'contents');
  const [before, after] = [member(contents, 'before') ?? contents, member(contents, 'after') ?? contents];
  if (typeof before !== 'object' || before === null) return undefined;
  return Object.keys(before)
    .sort()
    .map((table) => {
      const had = Object.keys(member(member(before, table), 'columns') ?? {}).length;
      const has = partsOf(live, table).filter(({ kind }) => kind === 'column').length;
      return [table, rowsOf(before, table), rowsOf(after, table), String(had), String(has)];
    });
}

function rowsOf(contents: unknown, table: string): string {
  const rows = member(member(contents, table), 'rows');
  return typeof rows === 'number' ? String(rows) : '';
}

import type { CheckResult } from '../acts/check.ts';
import type { DatabaseState } from '../acts/status.ts';
import type { Severity } from '../diff/codes.ts';
import { type Finding, plain } from '../fix/finding.ts';
import { notCompared } from '../diff/vocabulary.ts';
import { type Answer, type Block, countOf, type Mark, summarize, summaryText, worstMark } from '../report/document.ts';
import { mapOf } from './map.ts';

export type CheckAnswerOptions = {
  /** The least severity that makes the exit code 2; `none` never does. */
  failOn: Severity | 'none';
  table?: string | undefined;
  /** Findings about rows. */
  data: readonly Finding[];
};

/** The answer of `check`: findings, state, and what was not checked. */
export function answerCheck(checked: CheckResult, options: CheckAnswerOptions): Answer {
  const { table, data } = options;
  const all = [...checked.other, ...checked.drift.map(plain), ...data];
  const findings = table === undefined ? all : all.filter((finding) => concerns(finding, table, checked));
  const summary = summarize(findings);
  return {
    command: 'check',
    exitCode: exitCodeOf(checked, findings, options.failOn),
    database: checked.database,
    serverVersion: checked.serverVersion,
    findings,
    data: {
      state: checked.state,
      pending: checked.pending,
      foreign: checked.foreign,
      expectedFrom: checked.source,
      notes: checked.notes,
      notCompared,
    },
    title: `Check of ${checked.database}`,
    blocks: [
      { type: 'verdict', mark: markOf(checked, findings), text: `${stateText(checked)} ${summaryText(summary)}.` },
      ...(findings.length > 0 ? [mapOf(checked, findings, table), { type: 'findings' as const, findings }] : []),
      ...closingBlocks(checked),
    ],
  };
}

// An enum type has no table; it concerns the tables with columns of it.
function concerns(finding: Finding, table: string, { expected, live }: CheckResult): boolean {
  if (finding.table !== null) return finding.table === table;
  return [...expected, ...live].some(
    ({ kind, table: owner, facts }) =>
      owner === table &&
      ((kind === 'column' && facts['type'] === finding.object) ||
        String(facts['default'] ?? '').includes(`'${finding.object}'`)),
  );
}

const ranks: Record<Severity | 'none', number> = { none: 0, critical: 1, warning: 2, info: 3 };

function exitCodeOf({ state }: CheckResult, findings: readonly Finding[], failOn: Severity | 'none'): number {
  if (state === 'broken') return 3;
  const fails = findings.some(({ severity }) => ranks[severity] <= ranks[failOn]);
  return fails || state === 'behind' || state === 'empty' ? 2 : 0;
}

function markOf({ state }: CheckResult, findings: readonly Finding[]): Mark {
  const worst = worstMark(findings);
  return worst === 'ok' && (state === 'behind' || state === 'empty') ? 'warning' : worst;
}

const stateTexts: Record<DatabaseState, (checked: CheckResult) => string> = {
  current: ({ applied }) => `${countOf(applied.length, 'migration')} applied, none pending:`,
  behind: ({ pending }) => `${countOf(pending.length, 'migration')} pending (${pending.join(', ')}):`,
  ahead: () => 'Newer code migrated this database:',
  empty: ({ project }) => `The database is empty; \`${project.program} migrate\` fills it:`,
  unadopted: ({ project }) =>
    `This database belongs to the earlier system; \`${project.program} ${project.adoption.command}\` takes it over:`,
  hidden: () => 'This role may not read the history of migrations; the schema was compared with all of them:',
  broken: () => 'The history of migrations and the folder contradict each other:',
};

/** The state of a database, as the beginning of a sentence. */
export function stateText(checked: CheckResult): string {
  return stateTexts[checked.state](checked);
}

/** Tables of other tools, notes, and what is not compared. */
export function closingBlocks({ foreign, notes, accepted, drift }: CheckResult): Block[] {
  const used = drift.filter(({ cause }) => cause === 'accepted').length;
  return [
    ...(foreign.length > 0
      ? [
          {
            type: 'text' as const,
            text: `Tables of other tools, not counted: ${foreign.map(({ table, tool }) => `${table} (${tool})`).join(', ')}.`,
          },
        ]
      : []),
    ...(used > 0
      ? [{ type: 'text' as const, text: `${used} of ${accepted.length} accepted differences are there.` }]
      : []),
    ...notes.map((text) => ({ type: 'text' as const, text })),
    { type: 'text', text: `Not compared: ${notCompared.join('; ')}.` },
  ];
}

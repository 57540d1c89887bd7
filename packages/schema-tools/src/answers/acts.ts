import { type Answer, type Block, countOf, type Mark, summarize, summaryText, worstMark } from '../report/document.ts';
import { plain } from '../fix/finding.ts';
import type { MigrateResult } from '../acts/migrate.ts';
import type { RepairPlan, RepairResult } from '../acts/repair.ts';
import type { ResetState } from '../acts/reset.ts';
import type { CheckResult } from '../acts/check.ts';
import type { Project } from '../project.ts';

type Place = { database: string; serverVersion: string };

export function answerDone(
  project: Project,
  command: string,
  place: Partial<Place>,
  text: string,
  data: Record<string, unknown>,
  blocks: Block[] = [],
): Answer {
  return {
    command,
    exitCode: 0,
    database: place.database ?? null,
    serverVersion: place.serverVersion ?? null,
    findings: [],
    data,
    title: `${project.program} ${command}`,
    blocks: [{ type: 'verdict', mark: 'ok', text }, ...blocks],
  };
}

export function answerMigrate(project: Project, { applied, already, ahead }: MigrateResult): Answer {
  const text =
    applied.length === 0
      ? `Nothing to apply: ${countOf(already, 'migration')} ${already === 1 ? 'is' : 'are'} there.`
      : `Applied ${countOf(applied.length, 'migration')}: ${applied.join(', ')}.`;
  const newer = ahead ? ' Newer code has migrated this database further, which is left as it is.' : '';
  return answerDone(project, 'migrate', {}, `${text}${newer}`, { applied, already, ahead });
}

/** The plan of `repair`, and what it leaves. Exit code 2 while something remains to be done. */
export function answerRepairPlan(plan: RepairPlan, checked: CheckResult): Answer {
  const { steps, left, repairs } = plan;
  const findings = checked.drift.filter(({ cause }) => cause === 'drift').map(plain);
  const open = steps.length + left.length > 0;
  return {
    command: 'repair',
    exitCode: repairCode(checked, open),
    database: checked.database,
    serverVersion: checked.serverVersion,
    findings,
    data: { applied: false, plan, ...advice(checked) },
    title: `Repair plan for ${checked.database}`,
    blocks: [
      {
        type: 'verdict',
        mark: repairCode(checked, open) === 0 ? 'ok' : open ? worstMark(findings) : 'critical',
        text: open
          ? `${countOf(steps.length, 'statement')} would mend ${repairs.length} of ${countOf(findings.length, 'difference')}; nothing was changed yet. --apply runs them.`
          : 'There is nothing that a repair could bring back.',
      },
      ...adviceBlocks(checked),
      ...(steps.length > 0
        ? [{ type: 'sql' as const, sql: steps.map(({ sql, locks }) => `-- locks: ${locks}\n${sql};`).join('\n') }]
        : []),
      ...leftBlocks(left),
    ],
  };
}

// A database may need another command than repair: then the plan is empty, and the exit code is not 0.
function repairCode({ state }: CheckResult, isOpen: boolean): number {
  if (state === 'unadopted' || state === 'broken' || state === 'hidden') return 3;
  return isOpen || state === 'behind' || state === 'empty' ? 2 : 0;
}

// Repair is for manual changes; other states need other commands.
function advice({ project, state }: CheckResult): { hint?: string } {
  if (state === 'unadopted')
    return {
      hint: `This database belongs to the earlier system: \`${project.program} ${project.adoption.command}\` takes it over.`,
    };
  if (state === 'behind' || state === 'empty')
    return { hint: `Migrations are pending: \`${project.program} migrate\` applies them.` };
  if (state === 'ahead')
    return { hint: 'Newer code migrated this database: what differs is its work, and is left alone.' };
  if (state === 'hidden')
    return {
      hint: `This role may not read the history of migrations: \`${project.program} doctor\` says what it lacks.`,
    };
  if (state === 'broken')
    return { hint: `The history of migrations is broken: \`${project.program} doctor\` says how.` };
  return {};
}

function adviceBlocks(checked: CheckResult): Block[] {
  const { hint } = advice(checked);
  return hint === undefined ? [] : [{ type: 'text', text: hint }];
}

function leftBlocks(left: RepairPlan['left']): Block[] {
  if (left.length === 0) return [];
  return [
    { type: 'heading', text: 'Left alone' },
    {
      type: 'table',
      columns: ['code', 'object', 'why'],
      rows: left.map(({ code, object, reason }) => [code, object, reason]),
    },
  ];
}

/** The result of `repair --apply`: statements, measurements, and what remains. */
export function answerRepaired({ plan, before, after, remaining }: RepairResult, checked: CheckResult): Answer {
  const findings = remaining.map(plain);
  const fails = findings.some(({ severity }) => severity !== 'info');
  const mark: Mark = worstMark(findings);
  return {
    command: 'repair',
    exitCode: repairCode(checked, fails),
    database: plan.database,
    serverVersion: checked.serverVersion,
    findings,
    data: { applied: true, plan, contents: { before, after } },
    title: `Repair of ${plan.database}`,
    blocks: [
      {
        type: 'verdict',
        mark,
        text: `${countOf(plan.steps.length, 'statement')} mended ${countOf(plan.repairs.length, 'difference')}; what remains: ${summaryText(summarize(findings))}.`,
      },
      {
        type: 'table',
        columns: ['table', 'rows before', 'rows after', 'values'],
        rows: Object.entries(before).map(([table, { rows }]) => [
          table,
          String(rows),
          String(after[table]?.rows ?? ''),
          'unchanged',
        ]),
      },
      ...leftBlocks(plan.left),
      ...(findings.length > 0 ? [{ type: 'findings' as const, findings }] : []),
    ],
  };
}

export function answerResetState(project: Project, { recorded, removed, backup }: ResetState): Answer {
  const text = `The history has ${countOf(recorded.length, 'row')}, as the schema says${backup === null ? '' : `; what it had before is in drizzle.${backup}`}.`;
  return answerDone(project, 'reset', {}, text, { recorded, removed, backup }, [{ type: 'list', items: recorded }]);
}

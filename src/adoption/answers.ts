import { andMore } from '@likeness/schema-tools/text/words.ts';
import type { Adopted } from './adopt.ts';
import { adoptionCodes, type Refusal } from './codes.ts';
import type { AdoptionPlan } from './plan.ts';
import type { CheckResult } from '@likeness/schema-tools/acts/check.ts';
import { type Finding, plain } from '@likeness/schema-tools/fix/finding.ts';
import {
  type Answer,
  type Block,
  countOf,
  summarize,
  summaryText,
  worstMark,
} from '@likeness/schema-tools/report/document.ts';
import { answerCheck } from '@likeness/schema-tools/answers/check.ts';
import { mapOf } from '@likeness/schema-tools/answers/map.ts';

/**
 * The plan that `adopt` shows before it asks: the check, each step with reason and SQL, and what stays. Exit code 5
 * when it refuses.
 */
export function answerAdoptionPlan(
  checked: CheckResult,
  plan: AdoptionPlan,
  counts: { what: string; rows: number }[],
): Answer {
  const findings = [...plan.refusals.map(findingOfRefusal), ...checked.drift.map(plain)];
  const refused = plan.refusals.length > 0;
  return {
    command: 'adopt',
    exitCode: refused ? 5 : 2,
    database: checked.database,
    serverVersion: checked.serverVersion,
    findings,
    data: { adopted: false, refusals: plan.refusals, steps: plan.steps, counts, kept: plan.kept.map(keptOf) },
    title: `Adoption of ${checked.database}`,
    blocks: [
      {
        type: 'verdict',
        mark: refused ? 'critical' : 'warning',
        text: refused
          ? `It can not be taken over as it is: ${countOf(plan.refusals.length, 'reason')}.`
          : `${countOf(checked.drift.length, 'difference')} (${summaryText(summarize(checked.drift))}); ${countOf(plan.steps.length, 'step')}, in one transaction.`,
      },
      ...(refused ? [{ type: 'findings' as const, findings: plan.refusals.map(findingOfRefusal) }] : []),
      { type: 'heading', text: 'Before' },
      mapOf(checked, checked.drift),
      { type: 'table', columns: ['avatars', 'rows'], rows: counts.map(({ what, rows }) => [what, String(rows)]) },
      ...plan.steps.flatMap(({ title, why, statements }, index): Block[] => [
        { type: 'heading', text: `${index + 1}. ${title}` },
        ...(why === '' ? [] : [{ type: 'text' as const, text: why }]),
        ...(statements.length > 0
          ? [{ type: 'sql' as const, sql: statements.map((sql) => `${sql};`).join('\n') }]
          : []),
      ]),
      ...keptBlocks(plan.kept.map(keptOf)),
    ],
  };
}

/** The result of `adopt`: what was done, that nothing was lost, and a new check. */
export function answerAdopted({ before, replaced, trainings, weights, kept }: Adopted, checked: CheckResult): Answer {
  const { findings, blocks, data, exitCode } = answerCheck(checked, { failOn: 'warning', data: [] });
  const rows = Object.entries(before).map(([table, was]) => [
    table,
    String(was.rows),
    String(Object.keys(was.columns).length),
    'all there, all accounted for',
  ]);
  return {
    command: 'adopt',
    exitCode,
    database: checked.database,
    serverVersion: checked.serverVersion,
    findings,
    data: { ...data, adopted: true, contents: before, replaced, trainings, weights, kept },
    title: `Adoption of ${checked.database}`,
    blocks: [
      {
        type: 'verdict',
        mark: worstMark(findings),
        text: `${checked.database} is taken over. What remains: ${summaryText(summarize(findings))}.`,
      },
      { type: 'table', columns: ['table', 'rows', 'columns', 'rows and values'], rows },
      { type: 'heading', text: 'Values that were replaced, their originals in the ledger' },
      {
        type: 'table',
        columns: ['column', 'values'],
        rows: replaced.map(({ column, values }) => [column, String(values)]),
      },
      {
        type: 'text',
        text: `Avatars left in training: ${trainings.polled} are polled from now on, ${trainings.failed} ended in error, charged unknown.`,
      },
      {
        type: 'text',
        text: `Completed avatars: of ${weights.addressed} the address of the weights is known, and \`likeness loras fetch\` fetches them as long as they are there; of ${weights.lost} it is not, and images need a new training.`,
      },
      ...keptBlocks(kept),
      { type: 'heading', text: 'After' },
      ...blocks,
    ],
  };
}

/** The part of a report about an adoption that has not run yet. */
export function adoptionPreview(
  { project, drift }: CheckResult,
  { steps, kept, refusals }: AdoptionPlan,
): { blocks: Block[]; data: Record<string, unknown> } {
  const after = kept.length === 0 ? 'nothing' : `${kept.length} accepted differences`;
  const blocks: Block[] = [
    { type: 'heading', text: `Before and after: what \`${project.program} ${project.adoption.command}\` would do` },
    ...(refusals.length > 0
      ? [
          { type: 'text' as const, text: 'It would refuse:' },
          { type: 'list' as const, items: refusals.map(({ message }) => message) },
        ]
      : []),
    { type: 'text', text: `Before: ${summaryText(summarize(drift))}. After: ${after}.` },
    {
      type: 'table',
      columns: ['step', 'what', 'why'],
      rows: steps.map(({ title, why }, index) => [String(index + 1), title, why]),
    },
    {
      type: 'table',
      columns: ['stays', 'object', 'why'],
      rows: kept.map(({ finding: { code, object }, reason }) => [code, object, reason]),
    },
  ];
  return { blocks, data: { steps: steps.map(({ title, why }) => ({ title, why })), refusals } };
}

function keptOf({ finding: { code, object }, reason }: AdoptionPlan['kept'][number]) {
  return { code, object, reason };
}

function keptBlocks(kept: { code: string; object: string; reason: string }[]): Block[] {
  if (kept.length === 0) return [];
  return [
    { type: 'heading', text: 'Differences that stay' },
    {
      type: 'table',
      columns: ['code', 'object', 'why'],
      rows: kept.map(({ code, object, reason }) => [code, object, reason]),
    },
  ];
}

function findingOfRefusal({ code, object, table, rows, count, message, mayBeAllowed }: Refusal): Finding {
  return {
    code,
    severity: 'critical',
    cause: 'unadopted',
    object,
    table,
    expected: null,
    actual: rows.length === 0 ? null : `${rows.join(', ')}${andMore(count, rows.length)}`,
    message,
    fix: {
      sql: null,
      class: 'manual',
      locks: 'none',
      advice: mayBeAllowed ? `--allow ${code}: ${adoptionCodes[code].choice ?? ''}.` : 'Mend it by hand, then adopt.',
    },
  };
}

import { titleOf } from '../catalog/objects.ts';
import type { Cause, DriftCode, Severity } from '../diff/codes.ts';
import { describeSide } from '../diff/describe.ts';
import { type Difference, objectOf } from '../diff/diff.ts';
import type { FixContext } from './context.ts';
import { fixDifference } from './fix.ts';
import type { FixClass, FixStep } from './steps.ts';
import { gradeDifference } from '../diff/grade.ts';
import { messageOf } from '../diff/messages.ts';

/** A deviation, as every command reports it. */
export type Finding = {
  code: string;
  severity: Severity;
  cause: Cause;
  object: string;
  table: string | null;
  expected: string | null;
  actual: string | null;
  message: string;
  /** `sql` is null where an operator must decide, as `advice` explains. */
  fix: { sql: string | null; class: FixClass; locks: string; advice: string | null };
};

/** A finding with its source data. */
export type DriftFinding = Finding & { code: DriftCode; difference: Difference; steps: FixStep[] };

export function findingOf(difference: Difference, cause: Cause, context: FixContext): DriftFinding {
  const object = objectOf(difference);
  const { steps, class: fixClass, advice } = fixDifference(difference, context);
  const severity = gradeDifference(difference, context.expected);
  return {
    code: difference.code,
    severity,
    cause,
    object: titleOf(object),
    table: object.kind === 'table' ? object.name : object.table,
    expected: describeSide(difference, 'expected'),
    actual: describeSide(difference, 'actual'),
    message: messageOf(difference, severity),
    fix: {
      sql: steps.length === 0 ? null : steps.map(({ sql }) => `${sql};`).join('\n'),
      class: fixClass,
      locks: [...new Set(steps.map(({ locks }) => locks))].join('; ') || 'none',
      advice,
    },
    difference,
    steps,
  };
}

export function plain({ difference: _difference, steps: _steps, ...finding }: DriftFinding): Finding {
  return finding;
}

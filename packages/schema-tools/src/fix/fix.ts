import type { Difference } from '../diff/diff.ts';
import { adviceOf } from './advice.ts';
import { stepsToChange } from './changes.ts';
import type { FixContext } from './context.ts';
import { stepsAround } from './dependents.ts';
import { finishingSteps } from './finish.ts';
import { isMadeWithTable, stepsToMake, stepsToRemove } from './make.ts';
import { orderSteps } from './order.ts';
import { fixClasses, type FixClass, type FixStep, placed } from './steps.ts';

/** `manual` without steps: an operator must decide, see `advice`. */
export type Fix = { steps: FixStep[]; class: FixClass; advice: string | null };

/** The fix of a difference with its consequences. */
export function fixDifference(difference: Difference, context: FixContext): Fix {
  const own = stepsOf(difference, context);
  const parts = difference.folded.flatMap((part) => stepsOfPart(difference, part, context));
  const steps = own.length === 0 ? [] : orderSteps([...own, ...parts]);
  const worst = fixClasses.findLast((each) => steps.some((step) => step.class === each)) ?? 'manual';
  return { steps, class: worst, advice: adviceOf(difference) };
}

function stepsOf(difference: Difference, context: FixContext): FixStep[] {
  const { code, expected: wanted, actual } = difference;
  if (wanted && actual) {
    const steps = stepsToChange(difference, wanted, actual, context.expected);
    const isMadeAgain = steps.some(({ phase }) => phase === 'drop');
    const act = code.startsWith('renamed_') ? 'rename' : isMadeAgain ? 'make' : 'alter';
    const own = placed(steps, act, wanted, actual);
    const around = stepsAround(difference, own, actual, context);
    return around === undefined ? [] : [...own, ...around];
  }
  if (wanted) return stepsToMake(wanted, context.expected);
  return actual ? stepsToRemove(code, actual) : [];
}

// CREATE TABLE includes columns and most keys, and a drop includes parts; but what occupies the place of a missing
// table must go first.
function stepsOfPart(host: Difference, part: Difference, context: FixContext): FixStep[] {
  if (part.expected === null) {
    const isInPlace = host.expected !== null && part.actual?.name === host.expected.name && part.actual.table === null;
    return isInPlace || host.code === 'column_identity' ? stepsOf(part, context) : [];
  }
  const isMade = host.code === 'missing_table' && part.expected.table === host.expected?.name;
  if (isMade && part.actual === null && isMadeWithTable(part.expected)) {
    return placed(finishingSteps(part.expected, []), 'alter', part.expected, null);
  }
  return stepsOf(part, context);
}

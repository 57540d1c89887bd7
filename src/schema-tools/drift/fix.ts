import type { Catalog } from '../catalog/objects.ts';
import { isForeignKey } from './ddl.ts';
import type { Difference } from './diff.ts';
import { adviceOf } from './fix-advice.ts';
import { stepsToChange } from './fix-changes.ts';
import { fixClasses, type FixClass, type FixStep, sortSteps, stepsToMake, stepsToRemove } from './fix-steps.ts';

/** What brings a database to the expected side. `manual` without steps: a person has to decide, see the advice. */
export type Fix = { steps: FixStep[]; class: FixClass; advice: string | null };

/** What brings a difference, with all that it brings about, to the expected side. */
export function fixDifference(difference: Difference, expected: Catalog): Fix {
  const own = stepsOf(difference, expected);
  const parts = difference.folded.flatMap((part) => stepsOfPart(difference, part, expected));
  const steps = sortSteps([...own, ...parts]);
  const worst = fixClasses.findLast((each) => steps.some((step) => step.class === each)) ?? 'manual';
  return { steps, class: worst, advice: adviceOf(difference) };
}

function stepsOf(difference: Difference, expected: Catalog): FixStep[] {
  const { code, expected: wanted, actual } = difference;
  if (wanted && actual) return stepsToChange(difference, wanted, actual, expected);
  if (wanted) return stepsToMake(wanted, expected);
  return actual ? stepsToRemove(code, actual) : [];
}

// CREATE TABLE makes its columns and most of its keys; dropping something takes its parts along.
function stepsOfPart(host: Difference, part: Difference, expected: Catalog): FixStep[] {
  if (part.expected === null) return [];
  const { kind, table } = part.expected;
  const isMadeWithTable = kind === 'column' || (kind === 'constraint' && !isForeignKey(part.expected));
  if (host.code === 'missing_table' && table === host.expected?.name && isMadeWithTable) return [];
  return stepsOf(part, expected);
}

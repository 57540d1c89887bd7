import { type Catalog, keyOf } from '../catalog/objects.ts';
import type { Acceptance } from '../history/ledger.ts';
import type { Cause } from '../diff/codes.ts';
import { type Difference, diffCatalogs, objectOf } from '../diff/diff.ts';
import { describeSide } from '../diff/describe.ts';
import { type DriftFinding, findingOf } from './finding.ts';
import { type FixContext, fixContext } from './context.ts';
import { foldDifferences } from '../diff/fold.ts';

/** `model` is omitted where it is known to equal the migrations. */
export type Sides = {
  live: Catalog;
  /** The result of the applied migrations. */
  applied: Catalog;
  /** The result of all migrations. */
  all: Catalog;
  model?: Catalog;
  /** The database was never under these migrations. */
  unadopted: boolean;
};

/** Compares model, migrations and database, and finds the cause of each difference. */
export function compareSides({ live, applied, all, model, unadopted }: Sides): DriftFinding[] {
  const toApplied = unadopted ? [] : diffCatalogs(applied, live);
  const toAll = applied === all && !unadopted ? [] : diffCatalogs(all, live);
  const drifted = new Set(toApplied.map(identityOf));
  const onlyPending = toAll.filter((each) => !drifted.has(identityOf(each)));
  return [
    ...findings(foldDifferences(toApplied, true), 'drift', fixContext(applied, live)),
    ...findings(foldDifferences(onlyPending, false), unadopted ? 'unadopted' : 'pending', fixContext(all, live)),
    ...(model ? findings(foldDifferences(diffCatalogs(model, all), false), 'unmigrated', fixContext(model, all)) : []),
  ];
}

/** Compares the database with the model; differences that the migrations share are unmigrated. */
export function compareToModel(sides: Sides & { model: Catalog }): DriftFinding[] {
  const { live, all, model } = sides;
  const unmigrated = new Set(diffCatalogs(model, all).map(placeOf));
  const others = compareSides({ ...sides, model: all });
  const drifted = new Set(others.filter(({ cause }) => cause === 'drift').map(({ difference }) => placeOf(difference)));
  const elsewhere = sides.unadopted ? 'unadopted' : 'pending';
  const causeOf = (difference: Difference): Cause => {
    if (drifted.has(placeOf(difference))) return 'drift';
    return unmigrated.has(placeOf(difference)) ? 'unmigrated' : elsewhere;
  };
  const differences = diffCatalogs(model, live);
  const context = fixContext(model, live);
  return (['drift', 'unmigrated', elsewhere] as const).flatMap((cause) =>
    findings(
      foldDifferences(
        differences.filter((each) => causeOf(each) === cause),
        cause === 'drift',
      ),
      cause,
      context,
    ),
  );
}

/** Downgrades accepted findings to information while their objects are unchanged. */
export function applyAcceptances(found: DriftFinding[], accepted: readonly Acceptance[]): DriftFinding[] {
  return found.map((finding) => {
    const { code, object, actual } = finding;
    const match = accepted.find((each) => each.code === code && each.object === object && each.actual === actual);
    if (!match || finding.cause === 'unmigrated') return finding;
    return {
      ...finding,
      severity: 'info',
      cause: 'accepted',
      message: `${finding.message} Accepted: ${match.reason}`,
      fix: { sql: null, class: 'manual', locks: 'none', advice: null },
      steps: [],
    };
  });
}

function findings(differences: Difference[], cause: Cause, context: FixContext): DriftFinding[] {
  return differences.map((difference) => findingOf(difference, cause, context));
}

function identityOf(difference: Difference): string {
  return JSON.stringify([
    placeOf(difference),
    describeSide(difference, 'expected'),
    describeSide(difference, 'actual'),
  ]);
}

function placeOf(difference: Difference): string {
  return `${difference.code} ${keyOf(objectOf(difference))}`;
}

import type { CatalogObject } from '../catalog/objects.ts';
import { quoteName, quoteText } from '../text/sql-text.ts';
import { listFact, textFact } from '../diff/diff.ts';
import { type FixStep, locks, step } from './steps.ts';

/**
 * Labels can be added and renamed. Extra labels that rows may hold, and the order, cannot be changed: then no steps.
 */
export function enumSteps({ name, facts }: CatalogObject, actual: CatalogObject): FixStep[] {
  const wanted = listFact({ ...actual, facts }, 'labels');
  const there = listFact(actual, 'labels');
  const renamed = renamedLabels(wanted, there);
  const now = there.map((label) => renamed.get(label) ?? label);
  if (now.some((label) => !wanted.includes(label)) || !isInOrder(now, wanted)) return [];
  const type = `alter type ${quoteName(name)}`;
  const renames = [...renamed].map(([from, to]) => `${type} rename value ${quoteText(from)} to ${quoteText(to)}`);
  const added = wanted.flatMap((label, index) => {
    if (now.includes(label)) return [];
    const next = wanted.slice(index + 1).find((other) => now.includes(other));
    return [`${type} add value ${quoteText(label)}${next === undefined ? '' : ` before ${quoteText(next)}`}`];
  });
  return [...renames, ...added].flatMap((sql) => step('types', 'additive', locks.none, sql));
}

// An unknown label between the neighbours of a missing one is that label, renamed.
function renamedLabels(wanted: readonly string[], there: readonly string[]): Map<string, string> {
  const renamed = new Map<string, string>();
  let [left, right] = [0, 0];
  while (left < wanted.length || right < there.length) {
    const lost = takeUntil(wanted, left, (label) => there.includes(label));
    const extra = takeUntil(there, right, (label) => wanted.includes(label));
    if (lost.length === extra.length)
      for (const [index, label] of extra.entries()) renamed.set(label, lost[index] ?? label);
    left += lost.length + 1;
    right += extra.length + 1;
  }
  return renamed;
}

function takeUntil(labels: readonly string[], from: number, isEnd: (label: string) => boolean): string[] {
  const rest = labels.slice(from);
  const end = rest.findIndex(isEnd);
  return end < 0 ? rest : rest.slice(0, end);
}

function isInOrder(labels: readonly string[], wanted: readonly string[]): boolean {
  const places = labels.map((label) => wanted.indexOf(label));
  return places.every((place, index) => index === 0 || place > (places[index - 1] ?? -1));
}

/** ALTER DOMAIN for everything except the base type, which is fixed. */
export function domainSteps(wanted: CatalogObject, actual: CatalogObject): FixStep[] {
  if (textFact(wanted, 'definition') !== textFact(actual, 'definition')) return [];
  const domain = `alter domain ${quoteName(wanted.name)}`;
  const given = textFact(wanted, 'default');
  const [checks, there] = [listFact(wanted, 'checks'), listFact(actual, 'checks')];
  const lost = there
    .filter((check) => !checks.includes(check))
    .map((check) => `${domain} drop constraint ${nameOf(check)}`);
  const fresh = checks.filter((check) => !there.includes(check)).map((check) => `${domain} add constraint ${check}`);
  const defaults =
    given === textFact(actual, 'default') ? [] : [given === undefined ? 'drop default' : `set default ${given}`];
  const isStrict = wanted.facts['notNull'] === true;
  const nulls =
    isStrict === (actual.facts['notNull'] === true) ? [] : [`${domain} ${isStrict ? 'set' : 'drop'} not null`];
  return [
    ...lost.flatMap((sql) => step('alter', 'additive', locks.none, sql)),
    ...fresh.flatMap((sql) => step('checks', 'validating', locks.none, sql)),
    ...defaults.flatMap((what) => step('alter', 'additive', locks.none, `${domain} ${what}`)),
    ...nulls.flatMap((sql) => step('checks', isStrict ? 'validating' : 'additive', locks.none, sql)),
  ];
}

// A check is listed as its quoted name and its condition.
function nameOf(check: string): string {
  return /^("(?:[^"]|"")*"|\S+)/.exec(check)?.[0] ?? '';
}

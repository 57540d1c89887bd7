import { type CatalogObject, titleOf } from '../catalog/objects.ts';
import type { CheckResult } from '../acts/check.ts';
import type { Finding } from '../fix/finding.ts';
import { type Block, type Cell, type Mark, worstMark } from '../report/document.ts';

const elsewhere = 'types, sequences and the rest';

/** Tables with their objects, each marked by its worst finding and sorted by severity. */
export function mapOf(
  checked: Pick<CheckResult, 'expected'>,
  findings: readonly Finding[],
  table?: string,
): Extract<Block, { type: 'map' }> {
  const names = new Set<string>();
  for (const { kind, name } of checked.expected) if (kind === 'table') names.add(name);
  for (const finding of findings) if (finding.table !== null) names.add(finding.table);
  const chosen = table === undefined ? [...names].sort() : [table];
  const byTable = Map.groupBy(findings, (finding) => finding.table);
  const own = Map.groupBy(checked.expected, (object) => object.table);
  const groups = chosen.map((title) => groupOf(title, own.get(title) ?? [], byTable.get(title) ?? []));
  const loose = byTable.get(null) ?? [];
  const rest = checked.expected.filter(({ kind, table: owner }) => owner === null && kind !== 'table');
  if (table === undefined || loose.length > 0) groups.push(group(elsewhere, rest, loose));
  return { type: 'map', groups: groups.toSorted(byWeight) };
}

function byWeight(a: Group, b: Group): number {
  for (const mark of ['critical', 'warning', 'info'] as const) {
    const difference = cellsOf(b, mark) - cellsOf(a, mark);
    if (difference !== 0) return difference;
  }
  return 0;
}

function cellsOf({ cells }: Group, mark: Mark): number {
  return cells.filter((cell) => cell.mark === mark).length;
}

type Group = Extract<Block, { type: 'map' }>['groups'][number];

function groupOf(title: string, own: readonly CatalogObject[], findings: readonly Finding[]): Group {
  const whole = findings.filter(({ object }) => object === title);
  const cells = group(
    title,
    own,
    findings.filter(({ object }) => object !== title),
  );
  const mark = worstMark(findings);
  if (whole.length === 0) return { ...cells, mark };
  const about: Cell[] = whole.map(({ code, severity, message }) => ({ name: code, mark: severity, detail: message }));
  // A missing table has no parts to list.
  const isMissing = whole.some(({ code }) => code === 'missing_table');
  return { title, mark, cells: [...about, ...(isMissing ? [] : cells.cells)].toSorted(worstFirst) };
}

function group(title: string, objects: readonly CatalogObject[], findings: readonly Finding[]): Group {
  const known = new Set(objects.map(titleOf));
  const cells = objects.map((object) =>
    cellOf(
      object.name,
      findings.filter((finding) => finding.object === titleOf(object)),
    ),
  );
  const others = findings
    .filter(({ object }) => !known.has(object))
    .map((finding) => cellOf(finding.object.split('.').at(-1) ?? '', [finding]));
  return { title, mark: worstMark(findings), cells: [...cells, ...others].toSorted(worstFirst) };
}

const order: readonly Mark[] = ['critical', 'warning', 'info', 'ok'];

function worstFirst(a: Cell, b: Cell): number {
  return order.indexOf(a.mark) - order.indexOf(b.mark);
}

function cellOf(name: string, findings: readonly Finding[]): Cell {
  return {
    name,
    mark: worstMark(findings),
    detail: findings.map(({ message }) => message).join(' ') || 'as it should be',
  };
}

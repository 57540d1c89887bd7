import type { CatalogObject } from '../catalog/objects.ts';
import type { CheckResult } from '../check.ts';
import type { Finding } from '../drift/finding.ts';
import { type Block, type Cell, type Mark, worstMark } from '../report/document.ts';

const elsewhere = 'types, sequences and the rest';

/** Every table with its objects, each marked by its worst finding, tables that differ most first. */
export function mapOf(
  checked: CheckResult,
  findings: readonly Finding[],
  table?: string,
): Extract<Block, { type: 'map' }> {
  const names = new Set<string>();
  for (const { kind, name } of checked.expected) if (kind === 'table') names.add(name);
  for (const finding of findings) if (finding.table !== null) names.add(finding.table);
  const chosen = table === undefined ? [...names].sort() : [table];
  const groups = chosen.map((title) =>
    groupOf(
      title,
      checked,
      findings.filter((finding) => finding.table === title),
    ),
  );
  const loose = findings.filter((finding) => finding.table === null);
  const rest = checked.expected.filter(({ kind, table: owner }) => owner === null && kind !== 'table');
  if (table === undefined || loose.length > 0) groups.push(group(elsewhere, rest, loose));
  const order: Mark[] = ['critical', 'warning', 'info', 'ok'];
  return { type: 'map', groups: groups.toSorted((a, b) => order.indexOf(a.mark) - order.indexOf(b.mark)) };
}

type Group = Extract<Block, { type: 'map' }>['groups'][number];

function groupOf(title: string, { expected }: CheckResult, findings: readonly Finding[]): Group {
  const own = expected.filter(({ kind, table }) => table === title && kind !== 'table');
  const whole = findings.filter(({ object }) => object === title);
  const cells = group(
    title,
    own,
    findings.filter(({ object }) => object !== title),
  );
  const mark = worstMark(findings);
  if (whole.length === 0) return { ...cells, mark };
  // What is wrong with the table is wrong with all of it.
  const about: Cell[] = whole.map(({ code, severity, message }) => ({ name: code, mark: severity, detail: message }));
  return { title, mark, cells: [...about, ...cells.cells] };
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
  return { title, mark: worstMark(findings), cells: [...cells, ...others] };
}

function titleOf({ table, name }: CatalogObject): string {
  return table === null ? name : `${table}.${name}`;
}

function cellOf(name: string, findings: readonly Finding[]): Cell {
  return {
    name,
    mark: worstMark(findings),
    detail: findings.map(({ message }) => message).join(' ') || 'as it should be',
  };
}

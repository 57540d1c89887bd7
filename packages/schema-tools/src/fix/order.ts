import { tableOfNeed } from '../catalog/objects.ts';
import { type FixStep, rankOf } from './steps.ts';

/**
 * Orders steps of several fixes to run together: dependents are dropped before and created after what they need, names
 * are freed before they are reused, otherwise by phase. Equal steps run once.
 */
export function orderSteps(steps: readonly FixStep[]): FixStep[] {
  const nodes = [...new Map(steps.map((each) => [each.sql, each])).values()];
  const followers = new Map<FixStep, Set<FixStep>>();
  const waits = new Map<FixStep, number>(nodes.map((each) => [each, 0]));
  const before = (first: FixStep, second: FixStep) => {
    if (first === second || followers.get(first)?.has(second)) return;
    followers.set(first, (followers.get(first) ?? new Set()).add(second));
    waits.set(second, (waits.get(second) ?? 0) + 1);
  };
  linkSteps(nodes, before);
  return unwind(nodes, followers, waits);
}

type Link = (first: FixStep, second: FixStep) => void;

function linkSteps(nodes: readonly FixStep[], before: Link): void {
  const dropped = groupBy(nodes, ({ order }) => (order?.act === 'drop' ? [order.object] : []));
  const changed = groupBy(nodes, ({ order }) => (order && order.act !== 'drop' ? [order.object] : []));
  // Alters and renames find the object under its live name.
  const touched = groupBy(nodes, ({ order }) => (order?.from === undefined ? [] : [order.from]));
  const freed = groupBy(nodes, ({ order }) =>
    order && (order.act === 'drop' || order.act === 'rename') ? [nameOf(order.from ?? order.object)] : [],
  );
  for (const node of nodes) {
    const { order } = node;
    if (!order) continue;
    if (order.act === 'drop') {
      for (const need of order.needs) {
        for (const other of [...(dropped.get(need) ?? []), ...(touched.get(need) ?? [])]) before(node, other);
      }
      continue;
    }
    for (const need of order.needs) {
      const makers = changed.get(need) ?? changed.get(tableOfNeed(need) ?? '') ?? [];
      for (const other of makers) if (other.order?.object !== order.object) before(other, node);
    }
    for (const other of dropped.get(order.object) ?? []) before(other, node);
    if (order.act === 'alter') {
      for (const other of changed.get(order.object) ?? []) if (other.order?.act !== 'alter') before(other, node);
    }
    if (order.act === 'make' || order.act === 'rename') {
      for (const other of freed.get(nameOf(order.object)) ?? []) before(other, node);
    }
  }
  linkUses(nodes, dropped, before);
}

// An altered column releases what it used, which may then be dropped.
function linkUses(nodes: readonly FixStep[], dropped: Map<string, FixStep[]>, before: Link): void {
  for (const node of nodes) {
    if (node.order?.act !== 'alter') continue;
    for (const need of node.order.used ?? []) for (const other of dropped.get(need) ?? []) before(node, other);
  }
}

function nameOf(object: string): string {
  return object.slice(object.lastIndexOf('\t') + 1);
}

function groupBy(nodes: readonly FixStep[], keysOf: (node: FixStep) => string[]): Map<string, FixStep[]> {
  const groups = new Map<string, FixStep[]>();
  for (const node of nodes) {
    for (const key of keysOf(node)) {
      const group = groups.get(key);
      if (group) group.push(node);
      else groups.set(key, [node]);
    }
  }
  return groups;
}

// The ready step of the earliest phase; in a cycle the phase alone decides.
function unwind(
  nodes: readonly FixStep[],
  followers: Map<FixStep, Set<FixStep>>,
  waits: Map<FixStep, number>,
): FixStep[] {
  const ready: FixStep[][] = [];
  const enqueue = (node: FixStep) => (ready[rankOf(node)] ??= []).push(node);
  const left = new Set(nodes);
  for (const node of nodes) if (waits.get(node) === 0) enqueue(node);
  const ordered: FixStep[] = [];
  while (left.size > 0) {
    const queue = ready.find((each) => each !== undefined && each.length > 0);
    const node = queue?.shift() ?? [...left].toSorted((a, b) => rankOf(a) - rankOf(b))[0];
    if (node === undefined || !left.delete(node)) continue;
    ordered.push(node);
    for (const next of followers.get(node) ?? []) {
      const wait = (waits.get(next) ?? 0) - 1;
      waits.set(next, wait);
      if (wait === 0) enqueue(next);
    }
  }
  return ordered;
}

import type { Severity } from '../diff/codes.ts';
import type { Finding } from '../fix/finding.ts';

export type Mark = Severity | 'ok';

export type Cell = { name: string; mark: Mark; detail: string };

/** A part of an answer; every format prints the same blocks. */
export type Block =
  | { type: 'verdict'; mark: Mark; text: string }
  | { type: 'heading'; text: string }
  | { type: 'text'; text: string }
  | { type: 'list'; items: string[] }
  | { type: 'table'; columns: string[]; rows: string[][] }
  | { type: 'sql'; sql: string }
  | { type: 'findings'; findings: Finding[] }
  /** Objects by table, each with a mark. */
  | { type: 'map'; groups: { title: string; mark: Mark; cells: Cell[] }[] };

/** The answer of a command: data for programs, blocks for people, exit code. */
export type Answer = {
  command: string;
  exitCode: number;
  database: string | null;
  serverVersion: string | null;
  findings: Finding[];
  data: Record<string, unknown>;
  title: string;
  blocks: Block[];
};

export type Summary = Record<Severity, number> & { total: number };

export function summarize(findings: readonly Finding[]): Summary {
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
  return { critical: count('critical'), warning: count('warning'), info: count('info'), total: findings.length };
}

/** For example `18 critical, 2 warnings`. */
export function summaryText({ critical, warning, info }: Summary): string {
  const parts = [
    critical > 0 ? `${critical} critical` : '',
    warning > 0 ? `${warning} ${warning === 1 ? 'warning' : 'warnings'}` : '',
    info > 0 ? `${info} for information` : '',
  ].filter(Boolean);
  return parts.length === 0 ? 'nothing found' : parts.join(', ');
}

export function worstMark(findings: readonly Finding[]): Mark {
  const { critical, warning, info } = summarize(findings);
  if (critical > 0) return 'critical';
  if (warning > 0) return 'warning';
  return info > 0 ? 'info' : 'ok';
}

export function bySeverity(findings: readonly Finding[]): Finding[] {
  const order: Severity[] = ['critical', 'warning', 'info'];
  return findings.toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}

/** For example `1 row`, `2 rows`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

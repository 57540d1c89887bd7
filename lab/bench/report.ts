import { cpus, loadavg, totalmem } from 'node:os';
import { shortened } from './plot.ts';
import { isMet, type Section, type Table, type Target } from './section.ts';

export type Results = {
  at: string;
  machine: { processor: string; cores: number; memoryGb: number; node: string; postgres: string; load: number };
  quick: boolean;
  seconds: number;
  sections: Section[];
  /** Cases that did not fit into the time. */
  skipped: string[];
};

/** Describes the machine now; the load is that of the last minute, before measuring. */
export function describeMachine(postgres: string): Results['machine'] {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    postgres,
    load: loadavg()[0] ?? 0,
  };
}

/** The file of a section's plot, relative to the report. */
export function plotName({ title }: Pick<Section, 'title'>): string {
  return `performance/${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.svg`;
}

/**
 * Renders results as docs/performance.md.
 * @param notes written manually: where time is spent, and what a missed target would need
 */
export function writeReport({ at, machine, quick, seconds, sections, skipped }: Results, notes = ''): string {
  const { processor, cores, memoryGb, node, postgres, load } = machine;
  return [
    '# Performance',
    'Written by `npm run bench`; do not edit it by hand.',
    `Measured ${at} in ${Math.round(seconds)} s with Node ${node.slice(1)} and PostgreSQL ${postgres} (default durability) on ` +
      `${cores} cores of ${processor}, ${memoryGb} GB. Load before the run: ${load.toFixed(1)}.` +
      (load > cores / 2 ? ' **The machine was busy with other work: read ratios only, and with care.**' : '') +
      (quick ? ' **A quick run: too short for figures to quote.**' : '') +
      (skipped.length > 0 ? ` **Left out for want of time: ${skipped.join(', ')}.**` : ''),
    summary(sections),
    'Programs that are compared are warmed up and then put under the same load in turn, round after round, so that whatever ' +
      'else the machine does disturbs all of them alike. The load comes from a process of its own on the same machine. ' +
      'Figures are medians of the rounds; a ratio is ours to the first baseline, round by round, with its range. Processor ' +
      'time is for one request, and that of PostgreSQL is of the whole server.',
    ...sections.map(sectionText),
    ...(notes ? [notes.trim()] : []),
  ]
    .join('\n\n')
    .concat('\n');
}

function summary(sections: Section[]): string {
  const rows = sections.flatMap(({ targets }) =>
    targets.map((target) => [target.what, limitOf(target), valueOf(target), verdictOf(target)]),
  );
  return tableText({ head: ['what', 'target', 'measured', 'verdict'], rows });
}

function limitOf({ limit, is, unit }: Target): string {
  if (limit === null) return '–';
  return `${is === 'least' ? '≥' : '≤'} ${limit} ${unit}`.trim();
}

function valueOf({ measured, spread, unit }: Target): string {
  const range = spread ? ` (${shortened(spread.low)} to ${shortened(spread.high)})` : '';
  return `**${shortened(measured)}**${range} ${unit}`.trim();
}

function verdictOf(target: Target): string {
  const { measured, limit } = target;
  if (limit === null) return 'no target';
  if (isMet(target)) return 'met';
  if (limit === 0) return 'missed';
  return `missed by ${Math.max(1, Math.round((Math.abs(measured - limit) / limit) * 100))} %`;
}

function sectionText(section: Section): string {
  const { title, targets, text, tables = [], plot } = section;
  return [
    `## ${title}`,
    ...targets.map(sentenceOf),
    ...text,
    ...(plot ? [`![${title}](${plotName(section)})`] : []),
    ...tables.map(tableText),
  ].join('\n\n');
}

function sentenceOf(target: Target): string {
  const held = target.limit === null ? verdictOf(target) : `target ${limitOf(target)}: ${verdictOf(target)}`;
  return `${target.what}: ${valueOf(target)}; ${held}.`;
}

// Columns after the first are figures.
function tableText({ head, rows }: Table): string {
  const line = (cells: (string | number)[]) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, index) => (index === 0 ? '---' : '--:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

import { cpus, loadavg, totalmem } from 'node:os';
import type { Comparison, Measured } from './compare.ts';
import type { MemoryUse } from './cases/memory.ts';

/** What a run has measured; null where it did not. */
export type Results = {
  at: string;
  machine: { processor: string; cores: number; memoryGb: number; node: string; postgres: string; load: number };
  quick: boolean;
  comparisons: Comparison[];
  memory: MemoryUse | null;
};

/** @returns what is known of the machine at this moment; the load is that of the last minute, before anything is measured */
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

/** The file of a comparison's plot, beside the report. */
export function plotName({ title }: Comparison): string {
  return `performance/${title.toLowerCase().replaceAll(' ', '-')}.svg`;
}

/** Writes results as docs/performance.md. */
export function writeReport({ at, machine, quick, comparisons, memory }: Results): string {
  const { processor, cores, memoryGb, node, postgres, load } = machine;
  return [
    '# Performance',
    'Written by `npm run bench`; do not edit it by hand.',
    `Measured ${at} with Node ${node.slice(1)} and PostgreSQL ${postgres} (default durability) on ${cores} cores of ` +
      `${processor}, ${memoryGb} GB. Load before the run: ${load.toFixed(1)}.` +
      (load > cores / 2 ? ' **The machine was busy with other work: read ratios only, and with care.**' : '') +
      (quick ? ' **A quick run: too short for figures to quote.**' : ''),
    'Each program is warmed up and then put under the same load in turn, round after round. The load comes from a process ' +
      'of its own on the same machine. Figures are medians of the rounds; the ratio is ours to the first baseline, round by ' +
      'round, with its range. Processor time is for one request.',
    ...comparisons.map(comparisonText),
    ...(memory ? [memoryText(memory)] : []),
  ]
    .join('\n\n')
    .concat('\n');
}

function comparisonText(comparison: Comparison): string {
  const { title, ratio, target, contenders, rounds, seconds, connections } = comparison;
  const verdict = ratio.median >= target ? 'met' : 'missed';
  return [
    `## ${title}`,
    `**${ratio.median.toFixed(2)}** (${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)}); the target is ${target}: ${verdict}. ` +
      `${rounds} rounds of ${seconds} s, ${connections} connections.`,
    `![${title}](${plotName(comparison)})`,
    [
      '| program | requests/s | p50 ms | p99 ms | p99.9 ms | Node µs | PostgreSQL µs |',
      '| --- | --: | --: | --: | --: | --: | --: |',
      ...contenders.map(lineOf),
    ].join('\n'),
  ].join('\n\n');
}

function lineOf({ name, rate, p50, p99, p999, nodeMicros, postgresMicros }: Measured): string {
  const whole = (value: number | null) => (value === null ? '–' : Math.round(value));
  return `| ${name} | ${whole(rate.median)} | ${p50} | ${p99} | ${p999} | ${whole(nodeMicros)} | ${whole(postgresMicros)} |`;
}

function memoryText({ photos, photoBytes, idle, uploading, sending }: MemoryUse): string {
  const mb = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
  const growth = Math.max(uploading, sending) - idle;
  return [
    '## Memory',
    `${photos} photos of ${mb(photoBytes)} in one request: ${mb(idle)} resident before, ${mb(uploading)} at most while they ` +
      `were uploaded and prepared, ${mb(sending)} while they were packed, sent and trained. It grew by ${mb(growth)}; the ` +
      `target is less than 150 MB: ${growth < 150e6 ? 'met' : 'missed'}.`,
  ].join('\n\n');
}

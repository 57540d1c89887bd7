import { t } from '../../support/tap.ts';
import { type Comparison, comparisonSection } from '../../../lab/bench/compare.ts';
import { plotBars } from '../../../lab/bench/plot.ts';
import { plotName, type Results, writeReport } from '../../../lab/bench/report.ts';
import type { Section } from '../../../lab/bench/section.ts';
import { quantile, spreadOf } from '../../../lab/ground/quantile.ts';

const measured = (name: string, median: number) => ({
  name,
  rate: { low: median * 0.9, median, high: median * 1.1 },
  p50: 4,
  p99: 9,
  p999: 12,
  nodeMicros: 41.4,
  postgresMicros: null,
});
const comparison = (median: number): Comparison => ({
  title: 'GET avatar',
  what: 'GET avatar, to one select',
  contenders: [measured('Likeness', median * 1000), measured('Fastify & pg <bare>', 1000)],
  ratio: { low: median - 0.1, median, high: median + 0.1 },
  target: 0.8,
  rounds: 7,
  seconds: 3,
  connections: 50,
});
const results = (changes: Partial<Results> = {}): Results => ({
  at: '2026-01-02T03:04:05.000Z',
  machine: { processor: 'X', cores: 2, memoryGb: 24, node: 'v24.0.0', postgres: '18.4', load: 0.2 },
  quick: false,
  seconds: 300,
  sections: [comparisonSection(comparison(0.9))],
  skipped: [],
  ...changes,
});

t.test('medians and ranges of rounds', async (t) => {
  t.equal(quantile([3, 1, 2], 0.5), 2);
  t.equal(quantile([1, 2, 3, 4], 0.5), 2.5);
  t.same(spreadOf([5, 1, 3]), { low: 1, median: 3, high: 5 });
});

t.test('a report says plainly whether a target was met, by how much not, and whether to trust it', async (t) => {
  const good = writeReport(results());
  t.match(good, 'GET avatar, to one select: **0.9** (0.8 to 1); target ≥ 0.8: met.');
  t.match(good, '| GET avatar, to one select | ≥ 0.8 | **0.9** (0.8 to 1) | met |', 'and in the summary');
  t.match(good, '| Likeness | 900 | 4 | 9 | 12 | 41 | – |');
  t.notMatch(good, /busy|quick run|Left out/);
  t.match(writeReport(results({ sections: [comparisonSection(comparison(0.4))] })), 'missed by 50 %');
  t.match(writeReport(results({ quick: true })), 'A quick run');
  t.match(writeReport(results({ machine: { ...results().machine, load: 9 } })), 'The machine was busy');
  t.match(writeReport(results({ skipped: ['growth'] })), 'Left out for want of time: growth.');
  t.match(
    writeReport(results(), '## Why\n\nBecause.\n'),
    /## Why\n\nBecause\.\n$/,
    'what was found out by hand is in it',
  );
});

t.test('what is held to no target is told beside the others', async (t) => {
  const target = { what: 'POST avatar', measured: 0.5, limit: null, is: 'least', unit: '' } as const;
  const text = writeReport(results({ sections: [{ title: 'POST avatar', targets: [target], text: [] }] }));
  t.match(text, '| POST avatar | – | **0.5** | no target |');
  t.match(text, 'POST avatar: **0.5**; no target.');
});

t.test('a target that is the most that may be is missed above it', async (t) => {
  const target = { what: 'Memory', limit: 150, is: 'most', unit: 'MB' } as const;
  const section = (measured: number): Section => ({ title: 'Memory', targets: [{ ...target, measured }], text: [] });
  t.match(writeReport(results({ sections: [section(150)] })), 'Memory: **150** MB; target ≤ 150 MB: met.');
  t.match(writeReport(results({ sections: [section(165)] })), 'missed by 10 %');
});

t.test('a plot shows each program with its rate', async (t) => {
  const { title, plot } = comparisonSection(comparison(0.9));
  const svg = plotBars(title, plot?.unit ?? '', plot?.bars ?? []);
  t.match(svg, /^<svg .*<\/svg>\n$/s);
  t.match(svg, '900 /s');
  t.match(svg, 'Fastify &amp; pg &lt;bare>');
  t.equal(plotName({ title: 'From webhook to event' }), 'performance/from-webhook-to-event.svg');
});

import t from 'tap';
import type { Comparison } from '../../bench/compare.ts';
import { plotRates } from '../../bench/plot.ts';
import { plotName, type Results, writeReport } from '../../bench/report.ts';
import { quantile, spreadOf } from '../../bench/statistics.ts';

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
  comparisons: [comparison(0.9)],
  memory: null,
  ...changes,
});

t.test('medians and ranges of rounds', async (t) => {
  t.equal(quantile([3, 1, 2], 0.5), 2);
  t.equal(quantile([1, 2, 3, 4], 0.5), 2.5);
  t.same(spreadOf([5, 1, 3]), { low: 1, median: 3, high: 5 });
});

t.test('a report says plainly whether a target was met, and whether its figures can be trusted', async (t) => {
  const good = writeReport(results());
  t.match(good, '**0.90** (0.80 to 1.00); the target is 0.8: met.');
  t.match(good, '| Likeness | 900 | 4 | 9 | 12 | 41 | – |');
  t.notMatch(good, /busy|quick run/);
  t.match(writeReport(results({ comparisons: [comparison(0.79)] })), 'the target is 0.8: missed.');
  t.match(writeReport(results({ quick: true })), 'A quick run');
  t.match(writeReport(results({ machine: { ...results().machine, load: 9 } })), 'The machine was busy');
  const memory = { photoBytes: 10e6, photos: 20, idle: 300e6, uploading: 400e6, sending: 420e6 };
  t.match(writeReport(results({ memory })), 'It grew by 120 MB; the target is less than 150 MB: met.');
  t.match(
    writeReport(results({ memory: { ...memory, sending: 460e6 } })),
    'It grew by 160 MB; the target is less than 150 MB: missed.',
  );
});

t.test('a plot shows each program with its rate', async (t) => {
  const svg = plotRates('GET avatar', comparison(0.9).contenders);
  t.match(svg, /^<svg .*<\/svg>\n$/s);
  t.match(svg, '900/s');
  t.match(svg, 'Fastify &amp; pg &lt;bare>');
  t.equal(plotName(comparison(0.9)), 'performance/get-avatar.svg');
});

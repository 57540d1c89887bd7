import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Flags, Laboratory } from '../flags.ts';
import { measureArrivals } from './cases/arrivals.ts';
import { measureAvatars } from './cases/avatars.ts';
import { measureCheck } from './cases/check.ts';
import { measureGenerations } from './cases/generations.ts';
import { measureGrowth } from './cases/growth.ts';
import { measureIntake } from './cases/intake.ts';
import { measureMemory } from './cases/memory.ts';
import { measurePolling } from './cases/polling.ts';
import { measureSteadyIntake } from './cases/steady.ts';
import { measureStart } from './cases/start.ts';
import { prepareGround } from './ground.ts';
import { plotBars } from './plot.ts';
import { describeMachine, plotName, type Results, writeReport } from './report.ts';
import type { Case, Pace } from './section.ts';

const cases: Record<string, Case> = {
  intake: measureIntake,
  avatars: measureAvatars,
  steady: measureSteadyIntake,
  arrivals: measureArrivals,
  start: measureStart,
  check: measureCheck,
  memory: measureMemory,
  polling: measurePolling,
  generations: measureGenerations,
  growth: measureGrowth,
};
const docs = resolve(import.meta.dirname, '../../docs');
const help = `Measures the service beside bare baselines, in ten minutes at most.

  npm run lab -- bench [--quick | --scale] [--json] [--only CASE,…] [--out FILE]

  --quick     the same in about a minute, on small data: to see that all works
  --scale     pages and plans at 1,000,000 avatars, photos, images and events alone
  --json      figures in place of text
  --only C,…  ${Object.keys(cases).join(', ')}
  --out FILE  writes the figures there, as JSON

A whole run writes docs/performance.md and its plots.
`;
// Of ten minutes; the longest case takes three.
const lastStartSeconds = 420;

async function run(flags: Flags): Promise<number> {
  const [quick, json, scale] = [flags.has('quick'), flags.has('json'), flags.has('scale')];
  const wanted = scale ? ['growth'] : flags.parts;
  const pace: Pace = quick ? { rounds: 1, seconds: 1, warmSeconds: 0 } : { rounds: 5, seconds: 2, warmSeconds: 3 };
  const begun = performance.now();
  const elapsed = () => (performance.now() - begun) / 1000;
  const ground = await prepareGround();
  try {
    const results: Results = {
      at: new Date().toISOString(),
      machine: describeMachine(ground.version),
      quick,
      seconds: 0,
      sections: [],
      skipped: [],
    };
    for (const name of wanted) {
      if (elapsed() > lastStartSeconds) results.skipped.push(name);
      else results.sections.push(...((await cases[name]?.({ ground, pace, quick })) ?? []));
      process.stderr.write(`${name}: ${elapsed().toFixed(0)} s\n`);
    }
    results.seconds = elapsed();
    const report = writeReport(results, await readFile(join(import.meta.dirname, 'notes.md'), 'utf8'));
    process.stdout.write(json ? `${JSON.stringify(results, null, 2)}\n` : report);
    const out = flags.text('out');
    if (out !== undefined) await writeFile(out, `${JSON.stringify(results, null, 2)}\n`);
    // A partial or quick run does not replace the document.
    if (!quick && !scale && !flags.isPart) await keep(results, report);
  } finally {
    await ground.close();
  }
  return 0;
}

async function keep({ sections }: Results, report: string): Promise<void> {
  for (const section of sections) {
    if (!section.plot) continue;
    const path = join(docs, plotName(section));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, plotBars(section.title, section.plot.unit, section.plot.bars));
  }
  await writeFile(join(docs, 'performance.md'), report);
}

export const laboratory: Laboratory = {
  help,
  options: {
    quick: { type: 'boolean' },
    scale: { type: 'boolean' },
    json: { type: 'boolean' },
    out: { type: 'string' },
  },
  parts: Object.keys(cases),
  run,
};

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { measureArrivals } from './cases/arrivals.ts';
import { measureAvatars } from './cases/avatars.ts';
import { measureCheck } from './cases/check.ts';
import { measureGrowth } from './cases/growth.ts';
import { measureIntake } from './cases/intake.ts';
import { measureMemory } from './cases/memory.ts';
import { measurePolling } from './cases/polling.ts';
import { measureSteadyIntake } from './cases/steady.ts';
import { measureStart } from './cases/start.ts';
import type { Pace } from './compare.ts';
import { prepareGround } from './ground.ts';
import { plotBars } from './plot.ts';
import { describeMachine, plotName, type Results, writeReport } from './report.ts';
import type { Case } from './section.ts';

const cases: Record<string, Case> = {
  intake: measureIntake,
  avatars: measureAvatars,
  steady: measureSteadyIntake,
  arrivals: measureArrivals,
  start: measureStart,
  check: measureCheck,
  memory: measureMemory,
  polling: measurePolling,
  growth: measureGrowth,
};
const docs = resolve(import.meta.dirname, '../../docs');
const usage = `npm run bench -- [--quick] [--scale] [--json] [--only ${Object.keys(cases).join(',')}]\n`;
// Of ten minutes: the longest case takes three.
const lastStartSeconds = 420;

const { quick, json, only, scale } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    scale: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
}).values;
const wanted = scale ? ['growth'] : (only?.split(',') ?? Object.keys(cases));
if (wanted.some((name) => !(name in cases))) {
  process.stderr.write(usage);
  process.exit(64);
}

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
  // A part of the measurements, or a hasty one, does not replace the document.
  if (!quick && !scale && only === undefined) await keep(results, report);
} finally {
  await ground.close();
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

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { measureAvatars } from './cases/avatars.ts';
import { measureMemory } from './cases/memory.ts';
import { measureIntake } from './cases/webhooks.ts';
import type { Pace } from './compare.ts';
import { prepareGround } from './ground.ts';
import { plotRates } from './plot.ts';
import { describeMachine, plotName, type Results, writeReport } from './report.ts';

const cases = ['intake', 'avatars', 'memory'];
const docs = resolve(import.meta.dirname, '../docs');
const usage = `node bench/main.ts [--quick] [--json] [--only ${cases.join('|')}]\n`;

const { quick, json, only } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
}).values;
if (only !== undefined && !cases.includes(only)) {
  process.stderr.write(usage);
  process.exit(64);
}

const pace: Pace = quick ? { rounds: 3, seconds: 1, warmSeconds: 2 } : { rounds: 7, seconds: 3, warmSeconds: 10 };
const wants = (name: string) => only === undefined || only === name;
const ground = await prepareGround();
try {
  const machine = describeMachine(ground.version);
  const comparisons = [
    ...(wants('intake') ? [await measureIntake(ground, pace)] : []),
    ...(wants('avatars') ? await measureAvatars(ground, pace) : []),
  ];
  const memory = wants('memory') ? await measureMemory(ground) : null;
  const results: Results = { at: new Date().toISOString(), machine, quick, comparisons, memory };
  process.stdout.write(json ? `${JSON.stringify(results, null, 2)}\n` : writeReport(results));
  // A part of the measurements, or a hasty one, does not replace the document.
  if (!quick && only === undefined) await keep(results);
} finally {
  await ground.close();
}

async function keep(results: Results): Promise<void> {
  for (const comparison of results.comparisons) {
    const path = join(docs, plotName(comparison));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, plotRates(comparison.title, comparison.contenders));
  }
  await writeFile(join(docs, 'performance.md'), writeReport(results));
}

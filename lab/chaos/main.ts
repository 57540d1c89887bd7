import { execFile } from 'node:child_process';
import { mkdtemp, readFile, realpath, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Flags, Laboratory } from '../flags.ts';
import { startCluster } from '../ground/cluster.ts';
import { type Guard, startGuard } from '../ground/guard.ts';
import type { House } from './ground.ts';
import { createRandom } from '../ground/random.ts';
import type { Figure, ScaleName, Scenario } from './scenario.ts';
import { flood } from './scenarios/flood.ts';
import { forged } from './scenarios/forged.ts';
import { inbox } from './scenarios/inbox.ts';
import { late } from './scenarios/late.ts';
import { locked } from './scenarios/locked.ts';
import { noWebhooks } from './scenarios/no-webhooks.ts';
import { signals } from './scenarios/signals.ts';
import { silence } from './scenarios/silence.ts';
import { starts } from './scenarios/starts.ts';
import { stops } from './scenarios/stops.ts';
import { upgrade } from './scenarios/upgrade.ts';
import { inParallel } from '../ground/parallel.ts';

// Side by side, those that wait most begin first.
const scenarios: readonly Scenario[] = [
  silence,
  stops,
  starts,
  noWebhooks,
  late,
  inbox,
  locked,
  forged,
  signals,
  flood,
  upgrade,
];
const sideBySide = 4;
// Looking for work that nobody was woken for, and knowing the tables on each connection, is most of what few trainings
// cost, and several services share the machine.
const sparing = { CHECK_INTERVAL_SECONDS: '1', DATABASE_POOL_MAX: '4' };

const help = `Breaks the service in every known way and counts what became of its promises.

  npm run lab -- chaos [--quick | --full] [--seed N] [--only SCENARIO,…]

  --quick     a few of each, about a minute on two cores
  --full      ten times as many, under 90 minutes
  --split     two APIs and two workers, each a process of its own, in starts, no-webhooks, locked and stops
  --seed N    repeats the choices of another run
  --only S,…  ${scenarios.map(({ name }) => name).join(', ')}
  --out FILE  writes the result there too; with --only, into the result that is there
  --keep      keeps logs and files; kept as well when a promise is broken
  --json      changes nothing: the result is JSON

Ends with one line of JSON; exit code 1 when a promise is broken.
`;

type Report = { ok: boolean; seconds: number; broken: string[]; [figure: string]: Figure };

async function run(flags: Flags): Promise<number> {
  const values = {
    seed: flags.text('seed') ?? String(Math.floor(Math.random() * 1e9)),
    out: flags.text('out'),
    split: flags.has('split'),
    keep: flags.has('keep'),
  };
  const chosen = scenarios.filter(({ name }) => flags.parts.includes(name));
  const scale = flags.has('quick') ? 'quick' : flags.has('full') ? 'full' : 'plain';
  const guard = startGuard();
  endOnSignals(guard);
  try {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'likeness-chaos-')));
    if (!values.keep) guard.watch('folder', folder);
    const environment = scale === 'quick' ? sparing : {};
    const house: House = { guard, folder, environment, cluster: await startCluster(guard, folder) };
    const began = performance.now();
    // A few of each is mostly waiting: side by side they take as long as the longest.
    const reports = await inParallel(
      chosen,
      scale === 'quick' ? sideBySide : 1,
      async (scenario) => [scenario.name, await play(scenario, house, scale, values)] as const,
    );
    const ok = reports.every(([, report]) => report.ok);
    if (values.keep || !ok) {
      guard.keep(folder);
      process.stderr.write(`logs and files are in ${folder}\n`);
    }
    const seconds = secondsSince(began);
    const figures: Result = {
      seed: values.seed,
      commit: await commit(),
      scale,
      ...(values.split && { processes: 'two APIs and two workers' }),
      machine: { processors: availableParallelism(), node: process.version, platform: process.platform },
      seconds,
      scenarios: Object.fromEntries(reports),
      ok,
    };
    process.stdout.write(`${JSON.stringify(figures)}\n`);
    if (values.out !== undefined) {
      const whole = flags.isPart ? await placed(figures, values.out) : figures;
      await writeFile(values.out, `${JSON.stringify(whole, null, 2)}\n`);
    }
    return ok ? 0 : 1;
  } finally {
    await guard.clear();
  }
}

type Result = {
  seed: string;
  commit: string | null;
  scale: ScaleName;
  /** Where others were started than the scale says. */
  processes?: string;
  machine: Figure;
  seconds: number;
  scenarios: Record<string, Report>;
  ok: boolean;
};

/** Puts what was played alone in its place in the result of a whole run, with the seed and the commit of its own. */
async function placed(played: Result, file: string): Promise<Result> {
  const text = await readFile(file, 'utf8').catch(() => null);
  const earlier = text === null ? null : (JSON.parse(text) as Result);
  if (earlier?.scale !== played.scale) return played;
  const { seed, commit } = played;
  const again = Object.entries(played.scenarios).map(([name, report]) => [name, { ...report, seed, commit }] as const);
  const scenarios = { ...earlier.scenarios, ...Object.fromEntries(again) };
  const reports = Object.values(scenarios);
  const seconds = Math.round(reports.reduce((sum, report) => sum + report.seconds, 0));
  return { ...earlier, seconds, scenarios, ok: reports.every(({ ok }) => ok) };
}

type Choice = { seed: string; split: boolean };

async function play(scenario: Scenario, house: House, scale: ScaleName, { seed, split }: Choice): Promise<Report> {
  const began = performance.now();
  const report = (text: string) => process.stderr.write(`${scenario.name} ${secondsSince(began)} s: ${text}\n`);
  report(scenario.promise);
  try {
    const random = createRandom(`${seed}/${scenario.name}`);
    const { figures, promises } = await scenario.run({ house, random, report }, scale, split);
    const broken = Object.entries(promises).flatMap(([promise, isKept]) => (isKept ? [] : [promise]));
    const ok = broken.length === 0;
    report(ok ? `kept, in ${secondsSince(began)} s` : `BROKEN: ${broken.join('; ')}`);
    return { ok, seconds: secondsSince(began), broken, ...figures };
  } catch (error) {
    // A scenario that can't be played to its end has kept nothing.
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    report(`BROKEN: ${what}`);
    return {
      ok: false,
      seconds: secondsSince(began),
      broken: [error instanceof Error ? error.message : String(error)],
    };
  }
}

function secondsSince(began: number): number {
  return Math.round((performance.now() - began) / 100) / 10;
}

async function commit(): Promise<string | null> {
  const { stdout } = await promisify(execFile)('git', ['rev-parse', '--short', 'HEAD'], {
    cwd: import.meta.dirname,
  }).catch(() => ({ stdout: '' }));
  return stdout.trim() || null;
}

function endOnSignals(guard: Guard): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => void guard.clear().finally(() => process.exit(130)));
  }
}

export const laboratory: Laboratory = {
  help,
  options: {
    quick: { type: 'boolean' },
    full: { type: 'boolean' },
    split: { type: 'boolean' },
    seed: { type: 'string' },
    out: { type: 'string' },
    keep: { type: 'boolean' },
    json: { type: 'boolean' },
  },
  parts: scenarios.map(({ name }) => name),
  run,
};

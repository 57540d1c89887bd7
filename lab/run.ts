import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import type { Experiment, Figure, Findings, Scale, Stage } from './experiment.ts';
import type { Flags, Laboratory } from './flags.ts';
import { type House, openHouse } from './ground/house.ts';
import { inParallel } from './ground/parallel.ts';
import { createRandom } from './ground/random.ts';

/* Runs the experiments of a laboratory and writes their results: the runner of chaos and proofs. */

/** The result of an experiment, with its figures as further members. */
export type Report = { ok: boolean; seconds: number; broken: string[]; [figure: string]: Figure };

export type Result = {
  seed: string;
  commit: string | null;
  scale: Scale;
  /** For processes other than the scale's. */
  processes?: string;
  machine: Figure;
  seconds: number;
  ok: boolean;
};

type Given = {
  /** The laboratory's name, and the member of the result that holds the reports. */
  name: string;
  reports: string;
  /** In running order. */
  experiments: readonly Experiment[];
  help: string;
  /** Flags in addition to the common ones. */
  options?: Laboratory['options'];
  /** Concurrent experiments at the quick scale, where most of them wait. */
  sideBySide?: number;
  /** Settings of all services at the quick scale. */
  quickEnvironment?: Record<string, string>;
};

export function laboratoryOf(given: Given): Laboratory {
  return {
    help: given.help,
    options: {
      quick: { type: 'boolean' },
      full: { type: 'boolean' },
      seed: { type: 'string' },
      out: { type: 'string' },
      keep: { type: 'boolean' },
      json: { type: 'boolean' },
      ...given.options,
    },
    parts: given.experiments.map(({ name }) => name),
    run: (flags) => runAll(given, flags),
  };
}

async function runAll(given: Given, flags: Flags): Promise<number> {
  const scale = flags.has('quick') ? 'quick' : flags.has('full') ? 'full' : 'plain';
  const seed = flags.text('seed') ?? String(Math.floor(Math.random() * 1e9));
  const isSplit = flags.has('split');
  const isQuick = scale === 'quick';
  const print = process.stdout.write.bind(process.stdout);
  // Standard output is for the result; some libraries print their progress there.
  process.stdout.write = process.stderr.write.bind(process.stderr);
  const house = await openHouse(given.name, { environment: isQuick ? (given.quickEnvironment ?? {}) : {} });
  try {
    const began = performance.now();
    const chosen = given.experiments.filter(({ name }) => flags.parts.includes(name));
    const reports = await inParallel(
      chosen,
      isQuick ? (given.sideBySide ?? 1) : 1,
      async (experiment) => [experiment.name, await play(experiment, { house, scale, seed, isSplit })] as const,
    );
    const ok = reports.every(([, report]) => report.ok);
    if (flags.has('keep') || !ok) {
      house.guard.keep(house.folder);
      process.stderr.write(`logs and files are in ${house.folder}\n`);
    }
    const result: Result = {
      seed,
      commit: await commit(),
      scale,
      ...(isSplit && { processes: 'two APIs and two workers' }),
      machine: { processors: availableParallelism(), node: process.version, platform: process.platform },
      seconds: secondsSince(began),
      [given.reports]: Object.fromEntries(reports),
      ok,
    };
    print(`${JSON.stringify(result)}\n`);
    const out = flags.text('out');
    if (out !== undefined) {
      const whole = flags.isPart ? await placed(result, given.reports, out) : result;
      await writeFile(out, `${JSON.stringify(whole, null, 2)}\n`);
    }
    return ok ? 0 : 1;
  } finally {
    await house.close();
  }
}

/** Merges scenarios that ran alone into the result of a complete run, with their own seed and commit. */
async function placed(played: Result, member: string, file: string): Promise<Result> {
  const text = await readFile(file, 'utf8').catch(() => null);
  const earlier = text === null ? null : (JSON.parse(text) as Result);
  if (earlier?.scale !== played.scale) return played;
  const { seed, commit } = played;
  const again = Object.entries(reportsIn(played, member)).map(([name, report]) => [name, { ...report, seed, commit }]);
  const all: Record<string, Report> = { ...reportsIn(earlier, member), ...Object.fromEntries(again) };
  const reports = Object.values(all);
  const seconds = Math.round(reports.reduce((sum, report) => sum + report.seconds, 0));
  return { ...earlier, seconds, [member]: all, ok: reports.every(({ ok }) => ok) };
}

function reportsIn(result: Result, member: string): Record<string, Report> {
  return (result as unknown as Record<string, Record<string, Report>>)[member] ?? {};
}

type Choice = { house: House; scale: Scale; seed: string; isSplit: boolean };

/** Runs one experiment within its time limit and cleans up. One that cannot finish fails. */
export async function play(experiment: Experiment, { house, scale, seed, isSplit }: Choice): Promise<Report> {
  const { name, shows, minutes } = experiment;
  const began = performance.now();
  const report = (text: string) => void process.stderr.write(`${name} ${secondsSince(began)} s: ${text}\n`);
  report(shows);
  const broken: string[] = [];
  const fail = (error: unknown) => {
    report(`BROKEN: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    broken.push(error instanceof Error ? error.message : String(error));
  };
  const ends: (() => unknown)[] = [];
  const random = createRandom(`${seed}/${name}`);
  const stage: Stage = { house, random, report, teardown: (end) => void ends.push(end) };
  let figures: Findings['figures'] = {};
  try {
    const findings = await within(minutes, experiment.run(stage, scale, isSplit));
    figures = findings.figures;
    broken.push(...Object.entries(findings.claims).flatMap(([claim, holds]) => (holds ? [] : [claim])));
  } catch (error) {
    fail(error);
  }
  for (const end of ends.toReversed()) await Promise.resolve().then(end).catch(fail);
  const ok = broken.length === 0;
  report(ok ? `kept, in ${secondsSince(began)} s` : `BROKEN: ${broken.join('; ')}`);
  return { ok, seconds: secondsSince(began), broken, ...figures };
}

async function within<T>(minutes: number | null, work: Promise<T>): Promise<T> {
  if (minutes === null) return work;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it was not done in ${minutes} minutes`)), minutes * 60_000);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
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

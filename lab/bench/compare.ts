import { type Load, type Loaded, putLoad } from './load.ts';
import { cpuOf, cpuOfServer, type Started } from './processes.ts';
import type { Pace, Section } from './section.ts';
import { quantile, type Spread, spreadOf } from '../ground/quantile.ts';

export type Contender = {
  name: string;
  process: Started;
  /** Called for each round. */
  requests: () => Load['requests'];
};

/** Microseconds of processor time per request; other times in milliseconds. */
export type Measured = {
  name: string;
  rate: Spread;
  p50: number;
  p99: number;
  p999: number;
  nodeMicros: number | null;
  postgresMicros: number | null;
};

export type Comparison = {
  title: string;
  /** The subject of the target. */
  what: string;
  /** Ours first, then the baseline of the target. */
  contenders: Measured[];
  /** Our rate divided by the baseline's, by round. */
  ratio: Spread;
  /** The minimum ratio; null for none. */
  target: number | null;
  rounds: number;
  seconds: number;
  connections: number;
};
type Sample = Loaded & { nodeMicros: number | null; postgresMicros: number | null };

// The compiler needs some thousands of requests.
const warmRequests = 10_000;
const connections = 50;

export type Question = Pick<Comparison, 'title' | 'what' | 'target'> & {
  contenders: Contender[];
  postgres: number;
};

/**
 * Warms up each contender, then loads them alternately, round by round, so that disturbances of the machine affect all
 * alike.
 */
export async function compare(
  { title, what, target, contenders, postgres }: Question,
  { rounds, seconds, warmSeconds }: Pace,
): Promise<Comparison> {
  for (const contender of contenders) await warmUp(contender, warmSeconds);
  const samples = new Map(contenders.map(({ name }) => [name, [] as Sample[]]));
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of contenders) {
      samples.get(contender.name)?.push(await measure(contender, postgres, { connections, seconds }));
    }
  }
  const [ours = [], bare = []] = [...samples.values()];
  const ratios = ours.map(({ rate }, round) => rate / (bare[round]?.rate ?? Number.NaN));
  return {
    title,
    what,
    contenders: [...samples].map(([name, list]) => summed(name, list)),
    ratio: spreadOf(ratios),
    target,
    rounds,
    seconds,
    connections,
  };
}

export function comparisonSection(comparison: Comparison): Section {
  const { title, what, contenders, ratio, target, rounds, seconds } = comparison;
  const whole = (value: number | null) => (value === null ? '–' : Math.round(value));
  return {
    title,
    targets: [{ what, measured: ratio.median, limit: target, is: 'least', unit: '', spread: ratio }],
    text: [`${rounds} rounds of ${seconds} s, ${comparison.connections} connections.`],
    plot: {
      unit: '/s',
      bars: contenders.map(({ name, rate: { median, low, high } }) => ({ name, value: median, low, high })),
    },
    tables: [
      {
        head: ['program', 'requests/s', 'p50 ms', 'p99 ms', 'p99.9 ms', 'Node µs', 'PostgreSQL µs'],
        rows: contenders.map(({ name, rate, p50, p99, p999, nodeMicros, postgresMicros }) => [
          name,
          whole(rate.median),
          p50,
          p99,
          p999,
          whole(nodeMicros),
          whole(postgresMicros),
        ]),
      },
    ],
  };
}

async function warmUp({ process: { url }, requests }: Contender, seconds: number): Promise<void> {
  const begun = performance.now();
  for (let answered = 0; answered < warmRequests && performance.now() - begun < seconds * 1000; ) {
    answered += (await putLoad({ url, connections, seconds: 1, requests: requests() })).answered;
  }
}

async function measure(
  { process: { pid, url }, requests }: Contender,
  postgres: number,
  { connections, seconds }: Pick<Load, 'connections' | 'seconds'>,
): Promise<Sample> {
  const load = { url, connections, seconds, requests: requests() };
  const before = [cpuOf(pid), cpuOfServer(postgres)];
  const loaded = await putLoad(load);
  const [node, server] = [cpuOf(pid), cpuOfServer(postgres)].map((after, index) => {
    const begun = before[index];
    return after === null || begun === null || begun === undefined ? null : ((after - begun) / loaded.answered) * 1e6;
  });
  return { ...loaded, nodeMicros: node ?? null, postgresMicros: server ?? null };
}

function summed(name: string, samples: Sample[]): Measured {
  const median = (pick: (sample: Sample) => number) => quantile(samples.map(pick), 0.5);
  const medianOrNull = (pick: (sample: Sample) => number | null) => {
    const known = samples.map(pick).filter((value) => value !== null);
    return known.length > 0 ? quantile(known, 0.5) : null;
  };
  return {
    name,
    rate: spreadOf(samples.map(({ rate }) => rate)),
    p50: median(({ p50 }) => p50),
    p99: median(({ p99 }) => p99),
    p999: median(({ p999 }) => p999),
    nodeMicros: medianOrNull(({ nodeMicros }) => nodeMicros),
    postgresMicros: medianOrNull(({ postgresMicros }) => postgresMicros),
  };
}

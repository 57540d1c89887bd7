import { type Load, type Loaded, putLoad } from './load.ts';
import { cpuOf, cpuOfServer, type Started } from './processes.ts';
import { quantile, type Spread, spreadOf } from './statistics.ts';

export type Contender = {
  name: string;
  process: Started;
  /** Made anew for each round. */
  requests: () => Load['requests'];
};

/** Microseconds of processor time are for one request; times are in milliseconds. */
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
  /** The first is ours, the second the baseline that the target names. */
  contenders: Measured[];
  /** Our rate divided by the baseline's, round by round. */
  ratio: Spread;
  target: number;
  rounds: number;
  seconds: number;
  connections: number;
};

/** `warmSeconds` is the most that is spent on warming one contender up. */
export type Pace = { rounds: number; seconds: number; warmSeconds: number };
type Sample = Loaded & { nodeMicros: number | null; postgresMicros: number | null };

// A program is as fast as it gets once its code is compiled, which takes some thousands of requests.
const warmRequests = 10_000;
const connections = 50;

/**
 * Warms each contender up, and then puts the same load on each in turn, round after round, so that whatever else the
 * machine does disturbs all of them alike.
 */
export async function compare(
  { title, target, contenders, postgres }: { title: string; target: number; contenders: Contender[]; postgres: number },
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
    contenders: [...samples].map(([name, list]) => summed(name, list)),
    ratio: spreadOf(ratios),
    target,
    rounds,
    seconds,
    connections,
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

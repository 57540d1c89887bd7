import { defineExperiment, type Findings, type Stage } from '../experiment.ts';
import { fuzz as fuzzOnce, fuzzedSettings } from '../ground/fuzz.ts';
import { openGround } from '../ground/service.ts';

type Size = { rounds: number };

const perRound = 500;
const seconds = 2400;

/** Requests generated from the schemas, valid and broken; each round has its own resources. */
export const fuzz = defineExperiment<Size>({
  name: 'fuzz',
  shows: `${40 * perRound} requests made from the schemas find no 500, no 503 without Retry-After, and no undocumented answer.`,
  minutes: 45,
  sizes: { quick: { rounds: 1 }, full: { rounds: 40 } },
  run,
});

async function run(stage: Stage, { rounds }: Size): Promise<Findings> {
  const firstSeed = stage.random.below(2 ** 31);
  const ground = await openGround(stage.house, { name: 'fuzz', speed: 1, environment: fuzzedSettings });
  stage.teardown(() => ground.close());
  await ground.start('all');
  const statuses: Record<string, number> = {};
  const faults: string[] = [];
  let operations = 0;
  const deadline = performance.now() + seconds * 1000;
  for (let round = 0; round < rounds && performance.now() < deadline; round += 1) {
    const seed = firstSeed + round;
    const one = await fuzzOnce(ground, { requests: perRound, seed });
    for (const [status, count] of Object.entries(one.statuses)) statuses[status] = (statuses[status] ?? 0) + count;
    if (one.fault !== null) faults.push(`seed ${seed}: ${one.fault}`);
    operations = Math.max(operations, one.operations);
    stage.report(`${(round + 1) * perRound} requests, ${faults.length} faults`);
  }
  const sent = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  return {
    figures: { requests: sent, seed: firstSeed, operations, statuses, faults },
    claims: {
      'all were sent': sent >= rounds * perRound,
      'no 5xx and no undocumented answer': faults.length === 0,
      'some succeed and some are broken': (statuses['200'] ?? 0) > sent / 20 && (statuses['400'] ?? 0) > sent / 20,
    },
  };
}

import { fuzz as fuzzOnce, startFuzzed } from '../../test/support/fuzz.ts';
import type { Findings, Proof, Stage } from './proof.ts';

const rounds = 40;
const perRound = 500;
const seconds = 2400;

/** Requests made from the schemas, whole and broken; each round has things of its own to reach and to delete. */
export const fuzz: Proof = {
  name: 'fuzz',
  claim: `${rounds * perRound} requests made from the schemas find no 500, no 503 without Retry-After, and no undocumented status.`,
  minutes: 45,
  run,
};

async function run(stage: Stage): Promise<Findings> {
  const firstSeed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
  const most = Number(process.env['FUZZ_REQUESTS'] ?? rounds * perRound);
  const service = await startFuzzed(stage);
  const statuses: Record<string, number> = {};
  const faults: string[] = [];
  let operations = 0;
  const deadline = performance.now() + seconds * 1000;
  for (let round = 0; round * perRound < most && performance.now() < deadline; round += 1) {
    const seed = firstSeed + round;
    const one = await fuzzOnce(service, { requests: perRound, seed });
    for (const [status, count] of Object.entries(one.statuses)) statuses[status] = (statuses[status] ?? 0) + count;
    if (one.fault !== null) faults.push(`seed ${seed}: ${one.fault}`);
    operations = Math.max(operations, one.operations);
    stage.report(`${(round + 1) * perRound} requests, ${faults.length} faults`);
  }
  const sent = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  return {
    figures: { requests: sent, seed: firstSeed, operations, statuses, faults },
    claims: {
      'all were sent': sent >= most,
      'no 5xx and no undocumented status': faults.length === 0,
      'some succeed and some are broken': (statuses['200'] ?? 0) > sent / 20 && (statuses['400'] ?? 0) > sent / 20,
    },
  };
}

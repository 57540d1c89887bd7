import { breakConnections } from '../../test/support/reconnects.ts';
import type { Findings, Proof, Stage } from './proof.ts';

const wanted = 10_000;
const seconds = 450;
const readers = 40;

/** Streams that break at random moments, under writers, over two instances. */
export const reconnects: Proof = {
  name: 'reconnects',
  claim: `Over ${wanted} broken streams on two instances no event is missed and none comes twice.`,
  minutes: 9,
  run,
};

async function run(stage: Stage): Promise<Findings> {
  const report = (broken: number) => stage.report(`${broken} broken`);
  const { faults, ...figures } = await breakConnections(stage, { wanted, readers, seconds, report });
  return {
    figures: { ...figures, faults },
    claims: {
      'as many streams broke as were to': figures.connections >= wanted,
      'there was something to miss': figures.events > wanted / 2,
      'no gap and no repeat': faults.length === 0,
    },
  };
}

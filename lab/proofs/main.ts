import type { Experiment } from '../experiment.ts';
import { laboratoryOf } from '../run.ts';
import { deployers } from './deployers.ts';
import { drift } from './drift.ts';
import { fuzz } from './fuzz.ts';
import { hostile } from './hostile.ts';
import { outbox } from './outbox.ts';
import { reconnects } from './reconnects.ts';
import { streams } from './streams.ts';

const proofs: readonly Experiment[] = [drift, deployers, reconnects, fuzz, streams, outbox, hostile];

const help = `Shows in full what the tests show in small.

  npm run lab -- proofs [--quick | --full] [--seed N] [--only PROOF,…]

  --quick     a small part of each, in a few minutes
  --full      changes nothing: without --quick they run in full
  --seed N    repeats the choices of another run
  --only P,…  the proofs below
  --out FILE  writes the result there too; with --only, into the result that is there
  --keep      keeps logs and files; kept as well when a claim does not hold
  --json      changes nothing: the result is JSON

${proofs.map(({ name, shows, minutes }) => `  ${name.padEnd(12)}${shows} At most ${minutes} minutes.`).join('\n')}

Ends with one line of JSON; exit code 1 when a claim does not hold.
`;

export const laboratory = laboratoryOf({ name: 'proofs', reports: 'proofs', experiments: proofs, help });

import type { Experiment } from '../experiment.ts';
import { laboratoryOf } from '../run.ts';
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

// The longest waits first, since they run in parallel.
const scenarios: readonly Experiment[] = [
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

export const laboratory = laboratoryOf({
  name: 'chaos',
  reports: 'scenarios',
  experiments: scenarios,
  help,
  options: { split: { type: 'boolean' } },
  sideBySide: 4,
  // Several services share the machine, and few trainings cost mainly polling and catalogue reads on each connection.
  quickEnvironment: { CHECK_INTERVAL_SECONDS: '1', DATABASE_POOL_MAX: '4' },
});

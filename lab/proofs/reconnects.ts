import { pino } from 'pino';
import { createWakeups } from '../../src/platform/jobs/wakeups.ts';
import { defineExperiment, type Findings, type Stage } from '../experiment.ts';
import { breakConnections, type Fleet } from '../ground/reconnects.ts';
import { openGround } from '../ground/service.ts';

type Size = { wanted: number; readers: number };

const seconds = 450;

/** Streams that break at random, with writers, over two instances. */
export const reconnects = defineExperiment<Size>({
  name: 'reconnects',
  shows: 'Over 10,000 broken streams on two instances no event is missed and none comes twice.',
  minutes: 9,
  sizes: { quick: { wanted: 200, readers: 20 }, full: { wanted: 10_000, readers: 40 } },
  run,
});

async function run(stage: Stage, { wanted, readers }: Size): Promise<Findings> {
  const environment = { EVENT_STREAMS_PER_CALLER: '100000', OVERLOAD_DELAY_SECONDS: '0' };
  const ground = await openGround(stage.house, { name: 'reconnects', speed: 1, environment });
  stage.teardown(() => ground.close());
  const instances = [await ground.start('all'), await ground.start('all')];
  const wakeups = await createWakeups(ground.environment['DATABASE_URL'] ?? '', pino({ level: 'silent' }));
  stage.teardown(() => wakeups.close());
  const urls = instances.map(({ url }) => url);
  const fleet: Fleet = { urls, key: ground.key, units: [{ db: ground.db, wakeups }] };
  const report = (broken: number) => stage.report(`${broken} broken`);
  const { faults, ...figures } = await breakConnections(fleet, { wanted, readers, seconds, report });
  return {
    figures: { ...figures, faults },
    claims: {
      'as many streams broke as were to': figures.connections >= wanted,
      'there was something to miss': figures.events > wanted / 2,
      'no gap and no repeat': faults.length === 0,
    },
  };
}

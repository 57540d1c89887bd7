import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { defineExperiment, type Findings, type Stage } from '../experiment.ts';
import { empty } from '../ground/cluster.ts';
import { migrateAtOnce } from '../ground/migrate-at-once.ts';

/** Deployers who migrate a new database concurrently, with a file that changes data. */
export const deployers = defineExperiment<{ rounds: number }>({
  name: 'deployers',
  shows: 'However many migrate at once, each file is applied once and nobody fails.',
  minutes: 5,
  sizes: { quick: { rounds: 2 }, full: { rounds: 20 } },
  run,
});

async function run(stage: Stage, { rounds }: { rounds: number }): Promise<Findings> {
  const wrong = { two: 0, ten: 0 };
  for (const [name, count] of [
    ['two', 2],
    ['ten', 10],
  ] as const) {
    for (let round = 0; round < rounds; round += 1)
      wrong[name] += (await isRight(stage, `deployers_${name}_${round}`, count)) ? 0 : 1;
    stage.report(`${count} at once, ${rounds} rounds: ${rounds - wrong[name]} right`);
  }
  return {
    figures: { rounds, wrong_of_two: wrong.two, wrong_of_ten: wrong.ten },
    claims: {
      'two at once: each file once, no one fails': wrong.two === 0,
      'ten at once: each file once, no one fails': wrong.ten === 0,
    },
  };
}

async function isRight({ house }: Stage, name: string, count: number): Promise<boolean> {
  const url = await house.cluster.makeDatabase(name, { template: empty });
  const folder = join(house.folder, name);
  await mkdir(folder);
  const { applied, failed, value, history } = await migrateAtOnce(url, folder, count);
  await house.cluster.dropDatabase(name);
  return applied === 2 && failed === 0 && value === 101 && history === 2;
}

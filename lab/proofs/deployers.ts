import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrateAtOnce } from '../../test/support/migrate-at-once.ts';
import { createEmptyDatabase } from '../../test/support/postgres.ts';
import type { Findings, Proof, Stage } from './proof.ts';

/** Deployers who migrate a fresh database at once, with a file that changes data among the files. */
export const deployers: Proof = {
  name: 'deployers',
  claim: 'However many migrate at once, each file is applied once and nobody fails.',
  minutes: 5,
  run,
};

const rounds = 20;

async function run(stage: Stage): Promise<Findings> {
  const wrong = { two: 0, ten: 0 };
  for (const [name, count] of [
    ['two', 2],
    ['ten', 10],
  ] as const) {
    for (let round = 0; round < rounds; round += 1) wrong[name] += (await isRight(stage, count)) ? 0 : 1;
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

async function isRight(stage: Stage, count: number): Promise<boolean> {
  const { url } = await createEmptyDatabase(stage);
  const folder = await mkdtemp(join(tmpdir(), 'likeness-proof-'));
  stage.teardown(() => rm(folder, { recursive: true, force: true }));
  const { applied, failed, value, history } = await migrateAtOnce(url, folder, count);
  return applied === 2 && failed === 0 && value === 101 && history === 2;
}

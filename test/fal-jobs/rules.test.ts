import { t } from '../support/tap.ts';
import { aTraining } from '../../lab/ground/training.ts';
import { trainingRules } from '../../lab/ground/training-rules.ts';
import { createTestDatabase } from '../support/postgres.ts';

t.test('each rule of a training is broken by what is said to break it', async (t) => {
  t.same(
    trainingRules.filter(({ holds }) => !holds(aTraining())).map(({ says }) => says),
    [],
    'a new training breaks none',
  );
  for (const { says, holds, breaks = {} } of trainingRules) {
    for (const [what, changes] of Object.entries(breaks)) t.notOk(holds(aTraining(changes)), `${what}: ${says}`);
  }
});

t.test('each check of the table is one of the rules, with a row that breaks it', async (t) => {
  const { pool } = await createTestDatabase(t);
  const { rows } = await pool.query<{ name: string }>(
    `select conname as name from pg_constraint where conrelid = 'trainings'::regclass and contype = 'c' order by 1`,
  );
  const held = trainingRules.filter(({ check }) => check !== undefined);
  t.same(
    rows.map(({ name }) => name),
    [...new Set(held.map(({ check }) => `trainings_${check}`))].toSorted(),
  );
  for (const { says, breaks = {} } of held) t.not(Object.keys(breaks).length, 0, says);
});

import { createDisplay, progressLine } from './demo/display.ts';
import { notFound } from '../errors.ts';
import type { TrainingView } from '../features/trainings/schemas.ts';
import { findTraining } from '../features/trainings/store.ts';
import { trainingView } from '../features/trainings/view.ts';
import { defineCommand } from './command.ts';
import { watchFlags, watchJob, watchSummary } from './watch.ts';
import { checkId, withRecords } from './with-database.ts';

export const command = defineCommand({
  name: 'trainings watch',
  summary: watchSummary('training'),
  operands: ['ID'],
  flags: watchFlags,
  run: async ({ json }, [id = '']) => {
    checkId('a training', id);
    return withRecords('trainings', async ({ db }) => {
      const read = async () => trainingView((await findTraining(db, id)) ?? notFound('training'));
      return (await watchJob(read, json ? showJson : showLines())).exitCode;
    });
  },
});

function showJson(training: TrainingView): void {
  process.stdout.write(`${JSON.stringify(training)}\n`);
}

/** On a terminal a progress bar; elsewhere a line for each new status and each quarter. */
function showLines(): (training: TrainingView) => void {
  const display = createDisplay(process.stdout);
  let status = '';
  return (training) => {
    const line = progressLine(training);
    const hasEnded = training.ended_at !== null;
    if (hasEnded) display.say(training.error ? `${line}: ${training.error.message}` : line);
    else if (process.stdout.isTTY || training.status === status) display.progress(line, training.progress);
    else display.say(line);
    status = training.status;
  };
}

import { setTimeout as delay } from 'node:timers/promises';
import type { Db } from '../platform/db/client.ts';
import { terminalJobStatuses } from '../platform/db/schema.ts';
import { createDisplay, progressLine } from './demo/display.ts';
import { notFound } from '../errors.ts';
import type { TrainingView } from '../features/trainings/schemas.ts';
import { findTraining } from '../features/trainings/store.ts';
import { trainingView } from '../features/trainings/view.ts';
import { defineCommand } from './command.ts';
import { checkId, withRecords } from './with-database.ts';

const lookEveryMs = 500;
const exitCodes = { succeeded: 0, notFound: 1, notSucceeded: 2, interrupted: 130 };

export const command = defineCommand({
  name: 'trainings watch',
  summary: `follow a training to its end; exit code ${exitCodes.succeeded} for success, ${exitCodes.notSucceeded} for another end, ${exitCodes.notFound} for an unknown training`,
  operands: ['ID'],
  flags: { json: { type: 'boolean', default: false, description: 'print one JSON object a line, at each change' } },
  run: async ({ json }, [id = '']) => {
    checkId('a training', id);
    const interrupted = new AbortController();
    const interrupt = () => interrupted.abort();
    process.once('SIGINT', interrupt);
    try {
      return await withRecords('trainings', async ({ db }) => {
        const show = json ? showJson : showLines();
        let last: TrainingView | undefined;
        for await (const training of changesOf(db, id, interrupted.signal)) show((last = training));
        if (!last || interrupted.signal.aborted) return exitCodes.interrupted;
        return last.status === 'succeeded' ? exitCodes.succeeded : exitCodes.notSucceeded;
      });
    } finally {
      process.off('SIGINT', interrupt);
    }
  },
});

/** Yields a training now and after each change, until it ends or the signal aborts. */
async function* changesOf(db: Db, id: string, signal: AbortSignal): AsyncGenerator<TrainingView> {
  for (let seen = ''; !signal.aborted; ) {
    const view = trainingView((await findTraining(db, id)) ?? notFound('training'));
    if (view.updated_at !== seen) yield view;
    seen = view.updated_at;
    if (terminalJobStatuses.some((status) => status === view.status)) return;
    await delay(lookEveryMs, undefined, { signal }).catch(() => undefined);
  }
}

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

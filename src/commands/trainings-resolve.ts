import { validate } from 'uuid';
import { Problem } from '../errors.ts';
import { type Resolution } from '../fal-jobs/resolve.ts';
import { resolveSubmission } from '../features/trainings/machine.ts';
import { trainingView } from '../features/trainings/view.ts';
import { defineCommand, UsageError } from './command.ts';
import { withApp } from './with-app.ts';

export const command = defineCommand({
  name: 'trainings resolve',
  summary: 'settle a submission whose outcome is unknown, after a look at fal',
  operands: ['ID'],
  flags: {
    'request-id': { type: 'string', placeholder: 'REQUEST', description: 'the request at fal that belongs to it' },
    'not-submitted': { type: 'boolean', default: false, description: 'fal has no such request: submit it again' },
  },
  run: async ({ 'request-id': falRequestId, 'not-submitted': notSubmitted }, [id = '']) => {
    if (!validate(id)) throw new UsageError(`"${id}" is not the id of a training.`);
    if ((falRequestId === undefined) === !notSubmitted) {
      throw new UsageError('Say either --request-id REQUEST or --not-submitted.');
    }
    const resolution: Resolution = falRequestId === undefined ? 'not-submitted' : { falRequestId };
    return withApp(async (app) => {
      try {
        const training = await resolveSubmission(app, id, resolution);
        process.stdout.write(`${JSON.stringify(trainingView(training), null, 2)}\n`);
        return 0;
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        process.stderr.write(`${error.message}\n`);
        return 1;
      }
    });
  },
});

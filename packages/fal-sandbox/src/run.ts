import type { Context } from './context.ts';
import { fieldsOf } from './apps.ts';
import { readInput } from './fields.ts';
import { planImages } from './image-run.ts';
import type { Job, Plan } from './job.ts';
import type { JsonObject } from './json.ts';
import { modelOf } from './models/index.ts';
import { modelErrorOutcome, Refusal } from './outcomes.ts';
import { ended, faultAtStart } from './plan.ts';
import { trainerOf } from './trainers/index.ts';
import { planTraining } from './training-run.ts';

/**
 * Thinks out a run: reads the input, brings the files that it names, and gives log, length and end. A bad input or file
 * ends in the error that fal's runner would give, found here and not at submit (fal contract §0.5).
 */
export async function planRun(context: Context, job: Job): Promise<Plan> {
  const fields = fieldsOf(job.app);
  if (!fields || job.path) return ended(0.2, [], modelErrorOutcome(404, `Path ${job.path || '/'} not found`));
  const { values, errors } = readInput(fields, job.input);
  const spoilt = faultAtStart(job);
  if (spoilt) return ended(1, ['Starting'], spoilt);
  if (errors.length > 0) return ended(0.5, [], modelErrorOutcome(422, errors));
  try {
    return await planOf(context, job, values);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return ended(2, ['Downloading the input', error.message], modelErrorOutcome(422, error.details));
  }
}

function planOf(context: Context, job: Job, values: JsonObject): Promise<Plan> {
  const [trainer, model] = [trainerOf(job.app), modelOf(job.app)];
  if (trainer) return planTraining(context, job, trainer, values);
  if (model) return planImages(context, job, model, values);
  throw new Error(`no runner of ${job.app}`);
}

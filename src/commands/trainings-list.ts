import { type TrainingStatus, trainingStatuses } from '../db/schema.ts';
import { listTrainings } from '../trainings/list.ts';
import { trainingView } from '../trainings/view.ts';
import { defineCommand, UsageError } from './command.ts';
import { withApp } from './with-app.ts';

export const command = defineCommand({
  name: 'trainings list',
  summary: 'list trainings, newest first',
  flags: {
    status: {
      type: 'string',
      placeholder: 'STATUS',
      description: `only those that are ${trainingStatuses.join(', ')}`,
    },
    'needs-attention': {
      type: 'boolean',
      default: false,
      description: 'only those whose submission a person has to settle',
    },
    limit: { type: 'string', default: '20', placeholder: 'N', description: 'how many, 1 to 100 (20)' },
    json: { type: 'boolean', default: false, description: 'print one JSON object a line' },
  },
  run: async ({ status, 'needs-attention': needsAttention, limit: given, json }) => {
    if (status !== undefined && !isStatus(status))
      throw new UsageError(`--status takes one of ${trainingStatuses.join(', ')}.`);
    const limit = Number(given);
    if (!Number.isInteger(limit) || limit < 1 || limit > 100) throw new UsageError('--limit takes 1 to 100.');
    return withApp(async (app) => {
      const { data } = await listTrainings(app, { status, needs_attention: needsAttention }, { limit });
      for (const training of data) {
        const view = trainingView(training);
        const note = view.needs_attention_at ? 'needs attention' : (view.blocked_reason ?? view.error?.code ?? '');
        const line = [
          view.id,
          view.status.padEnd(11),
          `${view.progress}%`.padStart(4),
          view.trainer,
          view.created_at,
          note,
        ];
        process.stdout.write(`${json ? JSON.stringify(view) : line.join('  ').trimEnd()}\n`);
      }
      if (data.length === 0 && !json) process.stdout.write('There are none.\n');
      return 0;
    });
  },
});

function isStatus(text: string): text is TrainingStatus {
  return trainingStatuses.some((status) => status === text);
}

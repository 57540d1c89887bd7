import { jobStatuses } from '../platform/db/schema.ts';
import { listTrainings } from '../features/trainings/list.ts';
import { trainingView } from '../features/trainings/view.ts';
import { defineCommand } from './command.ts';
import { choiceOf } from './database-command.ts';
import { limitOf, listFlags, printList } from './table.ts';
import { checkId, withRecords } from './with-database.ts';

export const command = defineCommand({
  name: 'trainings list',
  summary: 'list trainings, newest first',
  flags: {
    user: { type: 'string', placeholder: 'ID', description: 'only those of this user' },
    avatar: { type: 'string', placeholder: 'ID', description: 'only those of this avatar' },
    status: {
      type: 'string',
      placeholder: 'STATUS',
      description: `only those that are ${jobStatuses.join(', ')}`,
    },
    'needs-attention': {
      type: 'boolean',
      default: false,
      description: 'only those whose submission an operator must settle',
    },
    ...listFlags,
  },
  run: async ({ user, avatar, status: given, 'needs-attention': needsAttention, limit: asked, json }) => {
    const status = choiceOf('status', given, jobStatuses);
    const limit = limitOf(asked);
    if (user !== undefined) checkId('a user', user);
    if (avatar !== undefined) checkId('an avatar', avatar);
    const filter = { status, user_id: user, avatar_id: avatar, needs_attention: needsAttention };
    return withRecords('trainings', async (records) => {
      const { data, total } = await listTrainings(records, filter, { limit, include: 'total' });
      printList({ data: data.map(trainingView), ...(total !== undefined && { total }) }, json, (training) => ({
        id: training.id,
        status: training.status,
        progress: `${training.progress}%`,
        trainer: training.trainer,
        created: training.created_at.slice(0, 19),
        note: training.needs_attention_at ? 'needs attention' : (training.blocked_reason ?? training.error?.code ?? ''),
      }));
      return 0;
    });
  },
});

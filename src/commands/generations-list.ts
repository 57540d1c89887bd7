import { jobStatuses } from '../platform/db/schema.ts';
import { listGenerations } from '../features/generations/list.ts';
import { generationViews } from '../features/generations/view.ts';
import { defineCommand } from './command.ts';
import { choiceOf } from './database-command.ts';
import { limitOf, listFlags, printList } from './table.ts';
import { checkId, withRecords } from './with-database.ts';

export const command = defineCommand({
  name: 'generations list',
  summary: 'list generations, newest first',
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
      description: 'only those whose submission could not be settled',
    },
    erased: {
      type: 'boolean',
      default: false,
      description: 'only those whose prompt and images were deleted',
    },
    ...listFlags,
  },
  run: async ({ user, avatar, status: given, 'needs-attention': needsAttention, erased, limit: asked, json }) => {
    const status = choiceOf('status', given, jobStatuses);
    const limit = limitOf(asked);
    if (user !== undefined) checkId('a user', user);
    if (avatar !== undefined) checkId('an avatar', avatar);
    const filter = { status, user_id: user, avatar_id: avatar, needs_attention: needsAttention, erased };
    return withRecords('generations', async (records) => {
      const { data, total } = await listGenerations(records, filter, { limit, include: 'total' });
      const views = await generationViews(records.db, data, 'all');
      printList({ data: views, ...(total !== undefined && { total }) }, json, (generation) => ({
        id: generation.id,
        status: generation.status,
        images: `${generation.images_ok} of ${generation.num_images}`,
        size: `${generation.width}×${generation.height}`,
        model: generation.model,
        created: generation.created_at.slice(0, 19),
        note: generation.needs_attention_at
          ? 'needs attention'
          : (generation.blocked_reason ?? generation.error?.code ?? ''),
      }));
      return 0;
    });
  },
});

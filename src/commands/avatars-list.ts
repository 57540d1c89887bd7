import { listAvatars } from '../features/avatars/list-avatars.ts';
import { avatarSummaryView } from '../features/avatars/view.ts';
import { avatarStatuses } from '../platform/db/schema.ts';
import { defineCommand } from './command.ts';
import { limitOf, listFlags, printList, wordsOf } from './table.ts';
import { checkId, withRecords } from './with-database.ts';

export const command = defineCommand({
  name: 'avatars list',
  summary: 'list avatars, newest first; of one user, the main one before them',
  flags: {
    user: { type: 'string', placeholder: 'ID', description: 'only those of this user' },
    status: {
      type: 'string',
      multiple: true,
      placeholder: 'STATUS',
      description: `only those that are ${avatarStatuses.join(', ')}; repeatable or comma separated`,
    },
    ...listFlags,
  },
  run: async ({ user, status, limit: asked, json }) => {
    const statuses = wordsOf('status', status, avatarStatuses);
    const limit = limitOf(asked);
    if (user !== undefined) checkId('a user', user);
    return withRecords('avatars', async (records) => {
      const { data, total } = await listAvatars(records, { userId: user, statuses }, { limit, include: 'total' });
      const views = data.map((avatar) => avatarSummaryView(records, avatar));
      printList({ data: views, ...(total !== undefined && { total }) }, json, (avatar) => ({
        id: avatar.id,
        name: avatar.name,
        status: avatar.status,
        type: avatar.training_type ?? '',
        photos: avatar.photos_count,
        main: avatar.is_main ? 'main' : '',
        user: avatar.user_id,
        created: avatar.created_at.slice(0, 19),
      }));
      return 0;
    });
  },
});

import { findAvatarDetail } from '../features/avatars/store.ts';
import { avatarView } from '../features/avatars/view.ts';
import { notFound } from '../errors.ts';
import { defineCommand } from './command.ts';
import { printOne } from './table.ts';
import { checkId, withRecords } from './with-database.ts';

export const command = defineCommand({
  name: 'avatars show',
  summary: 'show an avatar',
  operands: ['ID'],
  flags: { json: { type: 'boolean', default: false, description: 'print one JSON object' } },
  run: async ({ json }, [id = '']) => {
    checkId('an avatar', id);
    return withRecords('avatars', async (records) => {
      const view = avatarView(records, (await findAvatarDetail(records.db, id)) ?? notFound('avatar'));
      printOne(view, json, {
        id,
        name: view.name,
        user: view.user_id,
        main: view.is_main ? 'yes' : null,
        status: view.status,
        type: view.training_type,
        photos: view.photos_count,
        'trigger word': view.trigger_word,
        'latest training': view.latest_training_id && `${view.latest_training_id}, ${view.training_progress} %`,
        artifact: view.artifact_verified ? 'fetched, verified and stored' : null,
        error: view.training_error,
        sandbox: view.sandbox ? 'yes: nothing was paid, nothing is real' : null,
        created: view.created_at,
        trained: view.training_completed_at,
      });
      return 0;
    });
  },
});

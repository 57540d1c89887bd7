import { findTraining } from '../features/trainings/store.ts';
import { trainingView } from '../features/trainings/view.ts';
import { notFound } from '../errors.ts';
import { defineCommand } from './command.ts';
import { printOne } from './table.ts';
import { checkId, withRecords } from './with-database.ts';

export const command = defineCommand({
  name: 'trainings show',
  summary: 'show a training',
  operands: ['ID'],
  flags: { json: { type: 'boolean', default: false, description: 'print one JSON object' } },
  run: async ({ json }, [id = '']) => {
    checkId('a training', id);
    return withRecords('trainings', async ({ db }) => {
      const view = trainingView((await findTraining(db, id)) ?? notFound('training'));
      const { error, photos, artifacts, charged } = view;
      printOne(view, json, {
        id,
        status: `${view.status}, ${view.progress} %`,
        avatar: view.avatar_id,
        user: view.user_id,
        attempt: view.attempt,
        trainer: `${view.trainer} (${view.endpoint})`,
        settings: view.settings,
        photos: photos.length,
        step: view.step === null ? null : `${view.step} of ${view.total_steps}`,
        cost: `${view.estimated_cost_usd} USD estimated, charged: ${charged ?? 'not known yet'}`,
        sandbox: view.sandbox ? 'yes: nothing was paid, nothing is real' : null,
        'fal request': view.fal_request_id,
        waits: view.blocked_reason,
        'needs attention': view.needs_attention_at && `since ${view.needs_attention_at}: likeness trainings resolve`,
        error: error && `${error.code}: ${error.message}`,
        lora: artifacts && `${artifacts.lora.size} bytes, sha256 ${artifacts.lora.sha256}`,
        created: view.created_at,
        ended: view.ended_at,
      });
      return 0;
    });
  },
});

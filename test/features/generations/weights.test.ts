import { t } from '../../support/tap.ts';
import { startApp } from '../../support/app.ts';
import { eagerChecks } from '../../support/service.ts';
import { post, webhook } from '../inbox/deliver.ts';
import { follow } from '../trainings/story.ts';
import { trained } from './story.ts';

t.setTimeout(120_000);

const app = await startApp(t, { environment: eagerChecks, sandbox: { settings: { concurrency: 20 } } });
const { call, sandbox } = app;

async function trainAgain(avatarId: string, phrase: string) {
  const headers = { 'idempotency-key': crypto.randomUUID() };
  const json = { steps: 20, trigger_phrase: phrase };
  const { body } = await call('POST', `/v1/avatars/${avatarId}/trainings`, { json, headers });
  return follow(app, body.id, avatarId);
}

t.test('weights that are not there yet, came late or went with their avatar are not used', async (t) => {
  const { avatarId, training: first } = await trained(app, { phrase: 'first' });
  const ask = (training_id?: string) =>
    call('POST', `/v1/avatars/${avatarId}/generations`, {
      json: { prompt: 'at the sea', dry_run: true, ...(training_id && { training_id }) },
    });
  const story = await trainAgain(avatarId, 'second');
  await story.is('in_queue');
  t.match(await ask(story.id), { status: 409, body: { code: 'avatar-not-trained', training_status: 'in_queue' } });
  t.match((await ask()).body, { training_id: first.id, final_prompt: 'first, at the sea' });

  const detail = 'broken';
  await post(
    await webhook(app, story, { body: { status: 'ERROR', error: 'Invalid status code: 500', payload: { detail } } }),
  );
  await story.is('failed');
  await sandbox.queue.complete(await story.job());
  await story.when('a late result', ({ late_artifacts: files }) => files !== null);
  const late = await ask(story.id);
  t.match(late, { status: 409, body: { code: 'avatar-not-trained', detail: /accept its late result/ } });
  t.match((await ask()).body, { training_id: first.id });
  t.equal((await call('POST', `/v1/trainings/${story.id}/accept-late-result`)).status, 200);
  t.match((await ask()).body, { training_id: story.id, final_prompt: 'second, at the sea' });
  t.match((await ask(first.id)).body, { final_prompt: 'first, at the sea', warnings: [{ code: 'newer-training' }] });

  const other = await trained(app);
  t.equal((await call('DELETE', `/v1/avatars/${other.avatarId}`)).status, 204);
  t.match(await ask(other.training.id), { status: 404, body: { code: 'not-found' } });
});

import { t } from '../support/tap.ts';
import { resolveSubmission } from '../../src/features/trainings/machine.ts';
import { startTraining } from '../../src/features/trainings/start.ts';
import { findTraining } from '../../src/features/trainings/store.ts';
import { arrangeAvatar } from '../support/arrange.ts';
import { runShowing, setEnvironment } from '../support/in-process.ts';
import { type Service, startService } from '../support/service.ts';
import { until } from '../support/until.ts';

/** A training whose POST was taken, without fal's answer or anything else that would tell. */
async function submitUnheard({ app, sandbox }: Service): Promise<string> {
  sandbox.settings.search = 'off';
  sandbox.faults.set([
    { on: 'submit', fault: 'reset_after' },
    { on: 'webhook', fault: 'none', times: 'always' },
  ]);
  const { avatarId } = await arrangeAvatar(app, { photos: 4, trainingType: 'style' });
  const { id } = await startTraining(app, avatarId, { steps: 10 });
  await until('it is unknown', async () => (await findTraining(app.db, id))?.submit_unknown_at instanceof Date);
  return id;
}

const service = await startService(t);
const { app, sandbox, config } = service;
setEnvironment(t, {
  FAL_MODE: 'sandbox',
  POLL_FIRST_SECONDS: '0.2',
  FAL_BASE_URL: config.fal.baseUrl ?? '',
  DATABASE_URL: config.database.url,
  PUBLIC_URL: config.publicUrl,
  STORAGE_URL: config.storage.url,
});
const likeness = (...words: string[]) => runShowing(words);

t.test('a person who found the request at fal lets the training go on', async (t) => {
  const id = await submitUnheard(service);
  const listed = await likeness('trainings', 'list', '--status', 'submitting', '--json');
  t.match(JSON.parse(listed.stdout), { id, status: 'submitting' });
  await t.rejects(resolveSubmission(app, id, { falRequestId: 'nobody-knows-it' }), { code: 'invalid-state' });
  const falRequestId = sandbox.submissions.list().at(-1)?.request_id ?? '';
  const resolved = await likeness('trainings', 'resolve', id, '--request-id', falRequestId);
  t.match(JSON.parse(resolved.stdout), { id, status: 'in_queue', fal_request_id: falRequestId });
  await sandbox.clock.advance(120);
  await until('it has succeeded', async () => (await findTraining(app.db, id))?.status === 'succeeded');
  t.equal(Object.values(sandbox.submissions.byArchive()).filter(({ posts }) => posts > 1).length, 0);
  const again = await likeness('trainings', 'resolve', id, '--not-submitted');
  t.match(again, { code: 1, stderr: /the outcome of its submission is known/ });
});

t.test('one who found none lets it be submitted anew, with another archive', async (t) => {
  const id = await submitUnheard(service);
  const before = await findTraining(app.db, id);
  t.match(await resolveSubmission(app, id, 'not-submitted'), { status: 'queued' });
  await until('it is at fal', async () => (await findTraining(app.db, id))?.status === 'in_queue');
  const after = await findTraining(app.db, id);
  t.equal(after?.submissions, 2);
  t.not(after?.archive_url, before?.archive_url);
  t.match((await likeness('trainings', 'list', '--limit', '1')).stdout, new RegExp(`^${id}  in_queue`, 'm'));
});

t.test('what cannot be meant is refused', async (t) => {
  t.match(await likeness('trainings', 'resolve', 'x', '--not-submitted'), { code: 64, stderr: /is not the id/ });
  t.match(await likeness('trainings', 'resolve', service.app.installation.storageId), { code: 64, stderr: /either/ });
  t.match(await likeness('trainings', 'list', '--limit', '0'), { code: 64, stderr: /1 to 100/ });
  t.match(await likeness('trainings', 'list', '--status', 'lost'), {
    code: 64,
    stderr: /--status takes queued, .*, not "lost"/,
  });
  t.match((await likeness('trainings', 'list', '--needs-attention')).stdout, /There are none/);
  await t.rejects(resolveSubmission(app, service.app.installation.storageId, 'not-submitted'), { code: 'not-found' });
});

import { t } from '../../support/tap.ts';
import { dispatchTrainings } from '../../../src/features/trainings/machine.ts';
import { form } from '../photos/form.ts';
import { startApp } from '../../support/app.ts';
import { arrangeAvatar } from '../../support/arrange.ts';
import { until } from '../../support/until.ts';
import { follow } from '../trainings/story.ts';

const app = await startApp(t, {
  environment: { POLL_FIRST_SECONDS: '60', MAX_SUBMISSIONS_PER_USER_PER_DAY: '2' },
  sandbox: { settings: { concurrency: 20 } },
});
const { call, sandbox, database } = app;
const arranged = () => arrangeAvatar(app.app, { photos: 4, trainingType: 'style' });
const start = (avatarId: string, json: object = { steps: 20 }, authorization?: string) =>
  call('POST', `/v1/avatars/${avatarId}/trainings`, { json, ...(authorization && { headers: { authorization } }) });

async function tokenOf(userId: string): Promise<string> {
  const { status, body } = await call('POST', `/v1/users/${userId}/tokens`, { json: {} });
  if (status !== 201) throw new Error(JSON.stringify(body));
  return `Bearer ${body.token}`;
}

t.test('for a blocked user nothing is begun, by token or key, and what runs goes on', async (t) => {
  const { userId, avatarId } = await arranged();
  const authorization = await tokenOf(userId);
  const first = await start(avatarId);
  t.equal(first.status, 202);
  const story = follow(app, first.body.id, avatarId);
  await story.is('in_queue');
  t.equal((await call('PATCH', `/v1/users/${userId}`, { json: { is_blocked: true } })).status, 200);
  const headers = { authorization };
  await until('the token to be refused', async () => (await call('GET', '/v1/avatars', { headers })).status === 403);
  t.match((await call('GET', '/v1/avatars', { headers })).body, { code: 'user-blocked' });
  t.match((await call('POST', `/v1/users/${userId}/tokens`, { json: {} })).body, { code: 'user-blocked', status: 403 });
  await sandbox.queue.complete(await story.job());
  await story.is('succeeded');
  for (const json of [{ steps: 20 }, { steps: 20, dry_run: true }]) {
    t.match((await start(avatarId, json)).body, { code: 'user-blocked', status: 403 });
  }
  const photos = await call('POST', `/v1/avatars/${avatarId}/photos`, { body: form(Buffer.from('x')) });
  t.match(photos.body, { code: 'user-blocked', status: 403 });
  t.equal((await call('GET', `/v1/avatars/${avatarId}`)).status, 200, 'a key reads');
  await call('PATCH', `/v1/users/${userId}`, { json: { is_blocked: false } });
  t.equal((await start(avatarId)).status, 202);
});

t.test('who goes first is for keys to say', async (t) => {
  const { userId, avatarId } = await arranged();
  const authorization = await tokenOf(userId);
  for (const fal_priority of ['high', 'normal']) {
    t.match((await start(avatarId, { steps: 20, fal_priority }, authorization)).body, {
      code: 'key-needed',
      status: 403,
    });
    const patch = { json: { fal_priority }, headers: { authorization } };
    t.match((await call('PATCH', `/v1/avatars/${avatarId}`, patch)).body, { code: 'key-needed', status: 403 });
  }
  t.match((await start(avatarId, { steps: 20, fal_priority: 'high' })).body, { fal_priority: 'high' });
});

t.test('a user sends no more to fal in a day than the setting allows, whatever becomes of it', async (t) => {
  const { avatarId, userId } = await arranged();
  for (let sent = 0; sent < 2; sent += 1) {
    const answer = await start(avatarId);
    t.equal(answer.status, 202);
    const story = follow(app, answer.body.id, avatarId);
    await story.is('in_queue');
    await call('POST', `/v1/trainings/${story.id}/cancel`);
    await until(
      'its end',
      async () => (await sandbox.clock.advance(1), (await story.training()).status === 'cancelled'),
    );
  }
  const refused = await start(avatarId);
  t.match(refused.body, { code: 'submission-limit-reached', status: 429, maximum: 2 });
  const seconds = Number(refused.headers.get('retry-after'));
  t.ok(seconds > 86_000 && seconds <= 86_400, `${seconds}`);
  await database.pool.query(
    "update trainings set submitted_at = submitted_at - interval '25 hours' where user_id = $1",
    [userId],
  );
  t.equal((await start(avatarId)).status, 202, 'a day later there is room');
});

t.test('at dispatch it counts again', async (t) => {
  const { avatarId, userId } = await arranged();
  const { rows } = await database.pool.query(
    'select id from trainings where user_id <> $1 and submitted_at is not null limit 2',
    [userId],
  );
  t.equal(rows.length, 2);
  await database.pool.query('update trainings set user_id = $1, submitted_at = now() where id = any($2)', [
    userId,
    rows.map(({ id }) => id),
  ]);
  // As when it was asked for before a setting was lowered.
  await database.pool.query("update trainings set submitted_at = submitted_at - interval '2 days' where user_id = $1", [
    userId,
  ]);
  sandbox.faults.set([{ on: 'upload', fault: 'unauthorized', times: 'always' }]);
  const story = follow(app, (await start(avatarId)).body.id, avatarId);
  await story.when('blocked', ({ blocked_reason: reason }) => reason !== null);
  await database.pool.query("update trainings set submitted_at = now() where user_id = $1 and status <> 'queued'", [
    userId,
  ]);
  sandbox.faults.clear();
  await database.pool.query('delete from provider_circuit');
  // Others' jobs may go on.
  await dispatchTrainings(app.app);
  t.equal((await story.training()).status, 'queued');
});

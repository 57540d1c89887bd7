import { eq } from 'drizzle-orm';
import { advanceIn } from '../../../src/fal-jobs/advance.ts';
import { generationKind } from '../../../src/features/generations/kind.ts';
import { requestCancel } from '../../../src/features/generations/machine.ts';
import { generations } from '../../../src/platform/db/schema.ts';
import { transact } from '../../../src/platform/db/transact.ts';
import { startApp } from '../../support/app.ts';
import { eagerChecks } from '../../support/service.ts';
import { t } from '../../support/tap.ts';
import { until } from '../../support/until.ts';
import { followGeneration, generate, trained } from './story.ts';

// One place at fal, which another generation has: what is in the queue ends when the test says so.
const environment = { ...eagerChecks, MAX_GENERATIONS: '1', MAX_GENERATIONS_PER_USER: '1', DATABASE_POOL_MAX: '12' };
const service = await startApp(t, { environment });
const { app, call, sandbox, database } = service;
const { avatarId, userId } = await trained(service);
const blocker = await generate(service, avatarId);
await blocker.job();

async function startBatch(count: number): Promise<{ id: string; parts: string[] }> {
  const prompts = Array.from({ length: count }, (_, index) => `a ${index}`);
  const headers = { 'idempotency-key': crypto.randomUUID() };
  const { status, body } = await call('POST', `/v1/avatars/${avatarId}/batches`, { json: { prompts }, headers });
  if (status !== 202) throw new Error(JSON.stringify(body));
  const rows = await app.db.select().from(generations).where(eq(generations.batch_id, body.id)).orderBy(generations.id);
  return { id: body.id, parts: rows.map(({ id }) => id) };
}

async function endsOf(id: string) {
  const { rows } = await database.pool.query(`select data from events where batch_id = $1 and type = 'batch.ended'`, [
    id,
  ]);
  return rows.map(({ data }) => data);
}

t.test('two last ends at the same time are one end of the batch', async (t) => {
  const { id, parts } = await startBatch(2);
  const [one = '', two = ''] = parts;
  let second: Promise<unknown> | undefined;
  await transact(app, async (tx) => {
    await advanceIn(tx, app, generationKind, [{ id: one, signal: { kind: 'cancel' } }]);
    let isDone = false;
    second = requestCancel(app, two).finally(() => (isDone = true));
    // The other one is done without a look at this one, or waits for it.
    await until('the other end', async () => {
      const { rows } = await database.pool.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return isDone || rows.length > 0;
    });
  });
  await second;
  t.match(await endsOf(id), [{ generations: { succeeded: 0, failed: 0, cancelled: 2 } }]);
});

t.test('batches whose generations end in any order, all at once, each end once', async (t) => {
  const batches = [await startBatch(5), await startBatch(4), await startBatch(6)];
  const ids = batches.flatMap(({ parts }) => parts).sort(() => Math.random() - 0.5);
  await Promise.all(ids.map((id) => requestCancel(app, id)));
  for (const { id, parts } of batches) {
    t.match(await endsOf(id), [{ generations: { cancelled: parts.length } }]);
    t.match((await call('GET', `/v1/batches/${id}`)).body, {
      status: 'ended',
      generations: { cancelled: parts.length },
    });
  }
});

t.test('cancelling a batch ends what fal does not have, and asks fal for the rest', async (t) => {
  const { id, parts } = await startBatch(3);
  // The first of them gets the place.
  await sandbox.queue.complete(await blocker.job());
  await blocker.is('succeeded');
  const first = followGeneration(service, parts[0] ?? '');
  const job = await first.job();
  const answers = await Promise.all([1, 2].map(() => call('POST', `/v1/batches/${id}/cancel`)));
  for (const { status, body } of answers) {
    t.equal(status, 202);
    t.match(body, { status: 'running', generations: { cancelled: 2 }, cancel_requested_at: /T/ });
  }
  t.same(await endsOf(id), []);
  await until('fal was asked', () => job.cancelRequested);
  await sandbox.clock.advance(1);
  await until('its end', async () => (await call('GET', `/v1/batches/${id}`)).body.status === 'ended', 20_000);
  t.equal((await endsOf(id)).length, 1);
  t.equal((await call('POST', `/v1/batches/${id}/cancel`)).status, 202, 'it was asked for');
  const other = await startBatch(1);
  await sandbox.queue.complete(await followGeneration(service, other.parts[0] ?? '').job());
  await until('its end', async () => (await call('GET', `/v1/batches/${other.id}`)).body.status === 'ended', 20_000);
  t.match((await call('POST', `/v1/batches/${other.id}/cancel`)).body, { status: 409, code: 'invalid-state' });
});

t.test('a deadline is an end like others, and a batch remains without its avatar and its user', async (t) => {
  const { id, parts } = await startBatch(2);
  await followGeneration(service, parts[0] ?? '').job();
  await database.pool.query(
    `update generations set deadline_at = now() - interval '1 second', next_check_at = now() where batch_id = $1`,
    [id],
  );
  await until('its end', async () => (await call('GET', `/v1/batches/${id}`)).body.status === 'ended', 20_000);
  const [end] = await endsOf(id);
  t.equal(end.generations.failed, 2);
  t.equal((await call('DELETE', `/v1/avatars/${avatarId}`)).status, 204);
  t.match((await call('GET', `/v1/batches/${id}`)).body, {
    avatar_id: null,
    user_id: userId,
    generations: { failed: 2 },
  });
  t.equal((await call('DELETE', `/v1/users/${userId}`)).status, 204);
  t.match((await call('GET', `/v1/batches/${id}`)).body, {
    avatar_id: null,
    user_id: null,
    generations: { failed: 2 },
  });
  t.equal((await endsOf(id)).length, 1);
});

import { jobToken } from '../../../src/fal-jobs/token.ts';
import { t } from '../../support/tap.ts';
import { startApp } from '../../support/app.ts';
import { eagerChecks } from '../../support/service.ts';
import { until } from '../../support/until.ts';
import { deliverTo, type followGeneration, generate, trained } from './story.ts';

type Generation = ReturnType<typeof followGeneration>;

const app = await startApp(t, {
  environment: { ...eagerChecks, GENERATION_POLL_FIRST_SECONDS: '0.2', GENERATION_POLL_SECONDS: '0.5' },
  sandbox: { settings: { concurrency: 20 } },
});
const { sandbox, database, url } = app;
const { avatarId } = await trained(app);
t.beforeEach(async () => sandbox.faults.clear());

/** Signs a webhook as fal, and sends it with a token of the caller's choice. */
async function send(token: string, requestId: string, payload: unknown): Promise<number> {
  const rawBody = JSON.stringify({
    error: null,
    gateway_request_id: requestId,
    payload,
    request_id: requestId,
    status: 'OK',
  });
  const timestamp = Math.floor(Date.now() / 1000);
  const signed = sandbox.signing.sign({ requestId, userId: sandbox.userId, timestamp, rawBody }, 'current');
  const headers = { 'content-type': 'application/json', ...signed };
  return (await fetch(`${url}/webhooks/fal?t=${token}`, { method: 'POST', headers, body: rawBody })).status;
}

async function tokenOf(generation: Generation, kind: 'training' | 'generation' = 'generation'): Promise<string> {
  const { submission_id: submissionId } = await generation.row();
  return jobToken(app.app.installation.secret, { kind, jobId: generation.id, submissionId: submissionId ?? '' });
}

const outcomesOf = async (column: 'generation_id' | 'training_id', id: string): Promise<string[]> =>
  (await database.pool.query(`select outcome from fal_webhooks where ${column} = $1 order by id`, [id])).rows.map(
    ({ outcome }) => outcome,
  );

const typesOf = async (generation: Generation) => (await generation.events()).map(({ type }) => type);

async function countImages(generation: Generation): Promise<number> {
  const { rows } = await database.pool.query('select from generation_images where generation_id = $1', [generation.id]);
  return rows.length;
}

t.test('a webhook that is faster than the answer settles it, and the answer changes nothing', async (t) => {
  sandbox.faults.set([{ on: 'webhook', fault: 'before_submit_answer' }]);
  const generation = await generate(app, avatarId);
  t.match(await generation.is('succeeded'), { submissions: 1, result_source: 'webhook', images_ok: 1, charged: 'yes' });
  t.same(await typesOf(generation), ['generation.queued', 'generation.succeeded']);
  t.equal(await countImages(generation), 1);
});

t.test('a webhook that comes twice, and again after the end, makes no second image, event or count', async (t) => {
  const { rows: before } = await database.pool.query('select generations_count from avatars where id = $1', [avatarId]);
  sandbox.faults.set([{ on: 'webhook', fault: 'duplicate', copies: 3 }]);
  const generation = await generate(app, avatarId, { num_images: 2 });
  const job = await generation.job();
  await sandbox.queue.complete(job);
  await generation.is('succeeded');
  await sandbox.clock.advance(60);
  await sandbox.webhooks.redeliver(job);
  const all = async () => (await outcomesOf('generation_id', generation.id)).filter((outcome) => outcome !== null);
  await until('all webhooks to be drained', async () => (await all()).length >= 3);
  t.same(await typesOf(generation), ['generation.queued', 'generation.submitted', 'generation.succeeded']);
  t.equal(await countImages(generation), 2);
  const { rows } = await database.pool.query('select generations_count from avatars where id = $1', [avatarId]);
  t.equal(rows[0].generations_count, before[0].generations_count + 1);
});

t.test('without any webhook it is found by polling', async (t) => {
  sandbox.faults.set([{ on: 'webhook', fault: 'none', times: 'always' }]);
  const generation = await generate(app, avatarId);
  await sandbox.queue.complete(await generation.job());
  t.match(await generation.is('succeeded'), { result_source: 'poll', images_ok: 1, charged: 'yes' });
});

t.test(
  'a token whose kind was changed is none of ours, and a genuine one of the other kind finds no job',
  async (t) => {
    const generation = await generate(app, avatarId);
    const job = await generation.job();
    const bytes = Buffer.from(await tokenOf(generation), 'base64url');
    bytes.writeUInt8(3 - (bytes[0] ?? 0), 0);
    const payload = { detail: 'forged' };
    t.equal(await send(bytes.toString('base64url'), job.id, payload), 200, 'told nothing');
    t.same(await outcomesOf('generation_id', generation.id), []);
    t.same(await outcomesOf('training_id', generation.id), [], 'and nothing is kept');
    t.equal(await send(await tokenOf(generation, 'training'), job.id, payload), 200);
    await until('it to be drained', async () => (await outcomesOf('training_id', generation.id))[0] === 'orphaned');
    t.match(await generation.row(), { status: 'in_queue', error: null, fal_request_id: job.id });
    await sandbox.queue.complete(job);
    await generation.is('succeeded');
  },
);

t.test('a result with the token of another generation is given to neither', async (t) => {
  const [mine, other] = [await generate(app, avatarId), await generate(app, avatarId)];
  const [job, otherJob] = [await mine.job(), await other.job()];
  t.not(job.id, otherJob.id);
  const images = [{ url: 'https://v3.fal.media/files/lion/0.jpg', width: 1024, height: 1024 }];
  t.equal(await send(await tokenOf(other), job.id, { images, seed: 1, has_nsfw_concepts: [false], prompt: 'x' }), 200);
  await until('it to be drained', async () => (await outcomesOf('generation_id', other.id))[0] === 'mismatched');
  for (const generation of [mine, other]) {
    t.match(await generation.row(), { status: 'in_queue', result: null, images_ok: 0, error: null });
  }
  const refused = await deliverTo(app, other, { status: 'ERROR', error: 'x', request_id: job.id });
  t.equal(refused.status, 401, 'nor is one whose body names another request than was signed');
  for (const [generation, its] of [[mine, job] as const, [other, otherJob] as const]) {
    await sandbox.queue.complete(its);
    t.match(await generation.is('succeeded'), { fal_request_id: its.id });
  }
});

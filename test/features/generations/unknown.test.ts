import { t } from '../../support/tap.ts';
import { startApp } from '../../support/app.ts';
import { eagerChecks } from '../../support/service.ts';
import { type followGeneration, generate, trained } from './story.ts';

const app = await startApp(t, {
  environment: {
    ...eagerChecks,
    FAL_TIMEOUT_SECONDS: '1',
    GENERATION_POLL_FIRST_SECONDS: '0.2',
    GENERATION_POLL_SECONDS: '0.5',
  },
  sandbox: { settings: { concurrency: 20 } },
});
const { sandbox, database } = app;
const { avatarId } = await trained(app);
t.beforeEach(async () => {
  sandbox.faults.clear();
  sandbox.settings.search = 'off';
  sandbox.settings.search_lists = 'all';
  await database.pool.query('delete from provider_circuit');
});

/** Each way in which the one POST makes a job and its answer tells of none. */
const ambiguous = ['reset_after', 'cut_body', 'unavailable_after', 'timeout'];
type Story = ReturnType<typeof followGeneration>;

/** The POSTs whose input has the seed of a generation, and the only job that they made. */
async function postsOf(generation: Story) {
  const { seed } = await generation.row();
  const posts = sandbox.submissions.list().filter(({ body }) => (JSON.parse(body) as { seed?: number }).seed === seed);
  const job = sandbox.queue.get(posts[0]?.request_id ?? '');
  if (!job) throw new Error('fal has no job of it');
  return { count: posts.length, job };
}

t.test('a webhook settles a submission whose answer was lost', async (t) => {
  for (const fault of ambiguous) {
    await t.test(fault, async (t) => {
      sandbox.faults.set([{ on: 'submit', fault }]);
      const generation = await generate(app, avatarId);
      const unknown = await generation.when('unknown', (row) => row.submit_unknown_at !== null);
      t.match(unknown, { status: 'submitting', fal_request_id: null, error: null });
      const { job } = await postsOf(generation);
      await sandbox.queue.complete(job);
      const done = await generation.is('succeeded');
      t.match(done, { submissions: 1, submit_unknown_at: null, fal_request_id: job.id, charged: 'yes' });
      t.equal((await postsOf(generation)).count, 1, 'one POST');
      t.same(
        (await generation.events()).map(({ type }) => type),
        ['generation.queued', 'generation.submit_unknown', 'generation.succeeded'],
      );
    });
  }
});

t.test('fal’s records settle it by the exact input when no webhook comes', async (t) => {
  for (const fault of ambiguous) {
    await t.test(fault, async (t) => {
      sandbox.faults.set([
        { on: 'submit', fault },
        { on: 'webhook', fault: 'none', times: 'always' },
      ]);
      sandbox.settings.search = 'on';
      const generation = await generate(app, avatarId);
      const other = await generate(app, avatarId);
      const found = await generation.is('in_queue');
      const { count, job } = await postsOf(generation);
      t.match(found, { submissions: 1, submit_unknown_at: null, fal_request_id: job.id });
      t.equal(count, 1, 'one POST');
      t.not((await other.is('in_queue')).fal_request_id, job.id, 'the other one has another job');
      await sandbox.queue.complete(job);
      await sandbox.queue.complete(await other.job());
      await other.is('succeeded');
      t.match(await generation.is('succeeded'), { result_source: 'poll', charged: 'yes' });
    });
  }
});

import { t } from '../../support/tap.ts';
import { startApp } from '../../support/app.ts';
import { eagerChecks } from '../../support/service.ts';
import { until } from '../../support/until.ts';
import { begin } from '../trainings/story.ts';
import { generate, trained } from './story.ts';

const app = await startApp(t, {
  environment: { ...eagerChecks, FAL_CONCURRENCY: '2' },
  sandbox: { settings: { concurrency: 2 } },
});
const { sandbox, database } = app;

async function statuses(table: 'trainings' | 'generations'): Promise<Record<string, number>> {
  const { rows } = await database.pool.query<{ status: string; count: number }>(
    `select status, count(*)::int as count from ${table} group by 1`,
  );
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}

t.test('with an account of two places and three trainings asked for one runs, and a picture comes', async (t) => {
  const { avatarId } = await trained(app);
  const stories = [await begin(app), await begin(app), await begin(app)];
  await until('one training to be at fal', async () => ((await statuses('trainings'))['in_queue'] ?? 0) === 1);
  const generation = await generate(app, avatarId, { width: 256, height: 256 });
  await sandbox.queue.complete(await generation.job());
  t.match(await generation.is('succeeded'), { images_ok: 1, blocked_reason: null });
  t.match(await statuses('trainings'), { queued: 2, in_queue: 1, succeeded: 1 }, 'the picture waited for none of them');
  for (const left of [2, 1, 0]) {
    const running = await until('the next to be at fal', async () => {
      const rows = await Promise.all(stories.map(async (story) => ({ story, row: await story.training() })));
      const atFal = rows.filter(({ row }) => row.status === 'in_queue' || row.status === 'in_progress');
      t.ok(atFal.length <= 1, 'one at a time');
      return atFal[0]?.story;
    });
    await sandbox.queue.complete(await running.job());
    await running.is('succeeded', 20_000);
    t.equal((await statuses('trainings'))['succeeded'], 4 - left);
  }
});

t.test('many pictures that wait leave a training its place', async (t) => {
  const { avatarId } = await trained(app);
  const waiting = [];
  for (let count = 0; count < 6; count += 1) waiting.push(await generate(app, avatarId, { width: 256, height: 256 }));
  await until('pictures at both places', async () => ((await statuses('generations'))['in_queue'] ?? 0) === 2);
  const story = await begin(app);
  const first = (await Promise.all(waiting.map((one) => one.row()))).find(({ status }) => status === 'in_queue');
  const job = sandbox.queue.get(first?.fal_request_id ?? '');
  if (!job) throw new Error('no picture is at fal');
  await sandbox.queue.complete(job);
  await story.is('in_queue', 20_000);
  t.ok(((await statuses('generations'))['queued'] ?? 0) >= 3, 'though others have waited longer');
  await sandbox.queue.complete(await story.job());
  await story.is('succeeded', 20_000);
  for (const one of waiting) {
    await sandbox.queue.complete(await one.job());
    await one.is('succeeded');
  }
});

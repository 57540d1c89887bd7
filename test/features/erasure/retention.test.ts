import { pruneGenerationsJob } from '../../../src/features/erasure/prune-generations.ts';
import { generationRow, insertRow, trainingRow } from '../../../lab/ground/rows.ts';
import { startApp } from '../../support/app.ts';
import { arrangeAvatar, arrangeImages } from '../../support/arrange.ts';
import { t } from '../../support/tap.ts';
import { until } from '../../support/until.ts';
import { scene } from '../images/pictures.ts';

const { app, call, database } = await startApp(t, { environment: { RETENTION_INTERVAL_SECONDS: '2000000' } });
const pictures = await Promise.all([1, 2].map((seed) => scene(seed).jpeg().toBuffer()));
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);

/** Runs the job until nothing is left to do. */
async function prune(generationsDays: number | null): Promise<void> {
  const { retention } = app.config;
  app.config.retention = { ...retention, generationsDays };
  const { signal } = new AbortController();
  const { run } = pruneGenerationsJob.start(app, signal);
  while (await run(signal, { free: 0, begin: () => undefined }));
  app.config.retention = retention;
}

const exists = (key: string | null | undefined) => app.storage.exists(key ?? '');
const isGone = (key: string | null | undefined) => until('the object is gone', async () => !(await exists(key)));
const rowOf = async (id: unknown) =>
  (await database.pool.query('select * from generations where id = $1', [id])).rows[0];

async function owned(ended: Date) {
  const owner = await arrangeAvatar(app, { photos: 0 });
  const images = await arrangeImages(app, owner, { pictures, ended });
  return { ...owner, images, generationId: images[0]?.generation_id };
}

t.test('what has passed its retention goes, but for favourites and previews; the bill stays', async (t) => {
  const old = await owned(daysAgo(31));
  const young = await owned(daysAgo(29));
  const [plain, favorite] = old.images;
  await call('PATCH', `/v1/images/${favorite?.id}`, { json: { favorite: true } });
  await call('PUT', `/v1/avatars/${old.avatarId}/preview`, { json: { image_id: plain?.id } });
  await database.pool.query(
    `insert into fal_webhooks (id, request_id, generation_id, submission_id, headers, body, outcome, drained_at)
     values (gen_random_uuid(), 'r', $1, gen_random_uuid(), '{}', 'at the sea', 'applied', now())`,
    [old.generationId],
  );
  await prune(null);
  t.equal((await rowOf(old.generationId)).prompt, 'at the sea', 'unset, all is kept');
  await prune(30);
  const row = await rowOf(old.generationId);
  t.match(row, { prompt: null, final_prompt: null, fal_input: null, result: null, trigger_phrase: null });
  t.match(row, { charged: 'yes', user_id: old.userId, images_ok: 1, status: 'succeeded' });
  t.ok(row.erased_at);
  const { rows: bodies } = await database.pool.query('select body from fal_webhooks where generation_id = $1', [
    old.generationId,
  ]);
  t.equal(String(bodies[0].body), '');
  await isGone(plain?.storage_key);
  await isGone(plain?.thumbnail_key);
  t.equal((await call('GET', `/v1/images/${plain?.id}`)).status, 404);
  t.equal((await call('GET', `/v1/images/${favorite?.id}/content`)).status, 200);
  const { body } = await call('GET', `/v1/generations/${old.generationId}`);
  t.same(
    body.images.map(({ id }: { id: string }) => id),
    [favorite?.id],
  );
  t.equal((await call('GET', `/v1/avatars/${old.avatarId}/preview`)).status, 200, 'the preview is a copy');
  t.match(await rowOf(young.generationId), { prompt: 'at the sea', erased_at: null });
  t.ok(await exists(young.images[0]?.storage_key));

  t.equal((await call('DELETE', `/v1/avatars/${old.avatarId}`)).status, 204);
  await isGone(favorite?.storage_key);
  await isGone(favorite?.thumbnail_key);
});

t.test('an image that becomes a favourite meanwhile stays', async (t) => {
  const { images, generationId } = await owned(daysAgo(40));
  const other = await database.pool.connect();
  t.teardown(() => other.release());
  await other.query('begin');
  await other.query('update generation_images set favorite = true where id = $1', [images[0]?.id]);
  const pruned = prune(30);
  await until('it waits for the image', async () => {
    const { rows } = await database.pool.query(
      `select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%delete from generation_images%'`,
    );
    return rows.length > 0;
  });
  await other.query('commit');
  await pruned;
  t.ok((await rowOf(generationId)).erased_at);
  await isGone(images[1]?.storage_key);
  t.ok(await exists(images[0]?.storage_key));
  t.equal((await call('GET', `/v1/images/${images[0]?.id}/content`)).status, 200);
});

t.test('one that the database refuses to erase keeps no other', async (t) => {
  const stuck = await owned(daysAgo(60));
  const next = await owned(daysAgo(50));
  await database.pool.query(
    `alter table generations add constraint stuck check (id <> '${stuck.generationId}' or erased_at is null)`,
  );
  t.teardown(() => database.pool.query('alter table generations drop constraint stuck'));
  await prune(45);
  t.equal((await rowOf(stuck.generationId)).erased_at, null);
  t.ok(await exists(stuck.images[0]?.storage_key), 'its images are there');
  t.ok((await rowOf(next.generationId)).erased_at);
});

t.test('what a fetch stored that came to nothing is deleted with its avatar', async (t) => {
  const { userId, avatarId } = await arrangeAvatar(app, { photos: 0 });
  const failed = generationRow(userId, avatarId, {
    status: 'failed',
    images_ok: 0,
    num_images: 2,
    error: { code: 'image-unavailable', message: '', detail: null, retryable: true, provider_request_id: null },
  });
  await insertRow(database.pool, 'generations', failed);
  const training = trainingRow(userId, avatarId, {
    status: 'failed',
    ended_at: daysAgo(1).toISOString(),
    charged: 'yes',
    submission_id: crypto.randomUUID(),
    fal_input: {},
    fal_request_id: 'weights',
    error: failed['error'],
  });
  await insertRow(database.pool, 'trainings', training);
  const lora = `artifacts/${String(training['id'])}/lora.safetensors`;
  const keys = ['0.jpg', '0.thumb.webp', '1.png']
    .map((name) => `generations/${String(failed['id'])}/${name}`)
    .concat(lora);
  for (const key of keys) await app.storage.putBytes(key, Buffer.from('a face'), 'image/jpeg');
  t.equal((await call('DELETE', `/v1/avatars/${avatarId}`)).status, 204);
  for (const key of keys) await isGone(key);
});

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { imagesOf } from '../../src/features/images/store.ts';
import { generate, trained } from '../features/generations/story.ts';
import { startApp } from '../support/app.ts';
import { runShowing, setEnvironment } from '../support/in-process.ts';

/* What people see of generations at a terminal. */

const app = await startApp(t);
const { database, storage } = app.config;
setEnvironment(t, { DATABASE_URL: database.url, STORAGE_URL: storage.url, NODE_ENV: 'test' });
const nobody = '01a203a6-7cb9-7629-9846-cad5151ccc94';

t.test('what cannot be meant is refused before anything is waited for', async (t) => {
  t.same(await runShowing(['generations', 'list']), { code: 0, stdout: 'There are none.\n', stderr: '' });
  const faults: [args: string[], sentence: RegExp][] = [
    [['generations', 'list', '--avatar', 'x'], /"x" is not the id of an avatar/],
    [['generations', 'list', '--status', 'made'], /--status takes queued, /],
    [['generations', 'show', 'x'], /"x" is not the id of a generation/],
    [['generations', 'watch', nobody, '--out', '/dev/null'], /--out \/dev\/null can't be made a folder/],
  ];
  for (const [args, sentence] of faults) t.match(await runShowing(args), { code: 64, stderr: sentence });
});

t.test('a generation is listed, shown and watched, and its images are saved', async (t) => {
  const { avatarId, userId } = await trained(app);
  const generation = await generate(app, avatarId, { num_images: 2, aspect_ratio: '3:4' });
  const listed = await runShowing(['generations', 'list', '--user', userId]);
  t.match(listed.stdout, /^ID +STATUS +IMAGES +SIZE +MODEL +CREATED +NOTE\n/);
  t.match(listed.stdout, new RegExp(`^${generation.id} .* 0 of 2 +864×1152 `, 'm'));
  t.match((await runShowing(['generations', 'list', '--avatar', nobody])).stdout, 'There are none.');

  const out = join(app.folder, 'images');
  const watched = runShowing(['generations', 'watch', generation.id, '--out', out]);
  await app.sandbox.queue.complete(await generation.job());
  const { code, stdout, stderr } = await watched;
  t.equal(code, 0);
  t.match(stdout, /^succeeded, 2 of 2 images$/m);
  const images = await imagesOf(app.app.db, [generation.id]);
  const paths = images.map(({ index }) => join(out, `${generation.id}-${index}.jpg`));
  t.same(stderr.trim().split('\n'), paths);
  t.same((await readdir(out)).length, 2, 'nothing else is left there');
  for (const [index, path] of paths.entries()) {
    const bytes = await readFile(path);
    t.equal(createHash('sha256').update(bytes).digest('hex'), images[index]?.sha256);
  }
  const json = await runShowing(['generations', 'list', '--avatar', avatarId, '--json']);
  t.match(JSON.parse(json.stdout), { id: generation.id, images: [{ index: 0 }, { index: 1 }] });
  const shown = await runShowing(['generations', 'show', generation.id]);
  t.match(shown.stdout, /^final prompt +ohwx, at the sea$/m);
  t.match(shown.stdout, /^image 1 +864×1152, \d+ bytes, sha256 [0-9a-f]{64}$/m);

  await app.app.storage.delete([images[1]?.storage_key ?? '']);
  await app.app.storage.putBytes(images[0]?.storage_key ?? '', Buffer.from('other'), 'image/jpeg');
  const elsewhere = join(app.folder, 'elsewhere');
  const lost = await runShowing(['generations', 'show', generation.id, '--out', elsewhere]);
  t.match(lost, { code: 1, stderr: /Image 0 was not saved: .*not the one that was stored\.\nImage 1 was not saved: / });
  t.same(await readdir(elsewhere), [], 'what is not what was stored is not left there');
});

t.test('watching a generation ends with 2 when it does not succeed, and with 1 when there is none', async (t) => {
  const { avatarId } = await trained(app);
  const { id, job } = await generate(app, avatarId, { prompt: 'sandbox-nsfw' });
  await app.sandbox.queue.complete(await job());
  const { code, stdout } = await runShowing(['generations', 'watch', id, '--out', join(app.folder, 'none')]);
  t.equal(code, 2, stdout);
  t.match(stdout, /^failed: The safety checker of fal gave no picture at all/m);
  t.notMatch(stdout, 'sandbox-nsfw');
  t.match(await runShowing(['generations', 'watch', nobody]), { code: 1, stderr: 'There is no such generation.\n' });
});

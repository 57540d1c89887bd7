import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startApp } from '../../support/app.ts';
import { readableLog } from '../../support/log.ts';
import { jpeg } from '../../../lab/ground/pictures.ts';
import { t } from '../../support/tap.ts';
import { until } from '../../support/until.ts';
import { form } from './form.ts';

const { log, text } = readableLog('info');
const { app, call, makeAvatar, folder } = await startApp(t, { log });
const store = fileURLToPath(app.config.storage.url);
const inside = join(store, 'own', 'kept.jpg');
const outside = join(folder, 'outside.jpg');
for (const path of [inside, outside]) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, 'a face');
}

/** Keys that a row of the earlier system may hold, and why no object is deleted for each. */
const keys: [key: string, reason: 'absent' | 'unusable'][] = [
  ['../outside.jpg', 'unusable'],
  ['own/../../outside.jpg', 'unusable'],
  [outside, 'unusable'],
  ['/own/kept.jpg', 'unusable'],
  ['./own/kept.jpg', 'unusable'],
  ['own//kept.jpg', 'unusable'],
  ['own\\kept.jpg', 'unusable'],
  ['s3://likeness/own/kept.jpg', 'unusable'],
  ['https://minio.example.org/likeness/own/kept.jpg', 'unusable'],
  ['own/kept.jpg%00.png', 'unusable'],
  ['Имя/kept.jpg', 'unusable'],
  ['', 'unusable'],
  ['likeness/own/kept.jpg', 'absent'],
];

async function counted(reason: string): Promise<number> {
  const line = new RegExp(`^likeness_storage_not_deleted_total\\{reason="${reason}"\\} (\\d+)$`, 'm');
  return Number(line.exec(await app.metrics.metrics())?.[1]);
}

/** Photos of one avatar, each with one of these keys as an adopted row has it. */
async function adopt(held: readonly string[]) {
  const avatar = await makeAvatar();
  const path = `/v1/avatars/${avatar.id}/photos`;
  const added = await call('POST', path, { body: form(...(await Promise.all(held.map(() => jpeg())))) });
  const ids: string[] = added.body.accepted.map(({ id }: { id: string }) => id);
  await app.pool.query(
    `update avatar_photos set minio_key = adopted.key, photo_metadata = '{}'
     from unnest($1::uuid[], $2::text[]) as adopted (id, key) where avatar_photos.id = adopted.id`,
    [ids, held],
  );
  return { avatar, photos: ids.map((id) => `${path}/${id}`) };
}

t.test(
  'a key of the earlier system leads nowhere outside the store, and its deletion says what was not deleted',
  async (t) => {
    const { photos } = await adopt(keys.map(([key]) => key));
    for (const [index, [key, reason]] of keys.entries()) {
      const photo = photos[index] ?? '';
      t.match(await call('GET', `${photo}/content`), { status: 404 }, `reading ${key}`);
      const before = await counted(reason);
      t.equal((await call('DELETE', photo)).status, 204, key);
      await until(`the deletion of ${key} to be counted`, async () => (await counted(reason)) === before + 1);
    }
    for (const path of [inside, outside]) t.equal(await readFile(path, 'utf8'), 'a face', path);
    const said = text().match(/no object was deleted: [a-z ]+/g) ?? [];
    t.equal(said.filter((line) => line.endsWith('these keys are no paths in the store')).length, 12);
    t.equal(said.filter((line) => line.endsWith('the store has none under these keys')).length, 1);
    t.notMatch(text(), /kept\.jpg|outside\.jpg/, 'keys may hold names of people');
  },
);

t.test('an avatar whose photos have such keys is deleted too, with those that are ours', async (t) => {
  const { avatar } = await adopt(['../outside.jpg']);
  const ours = await call('POST', `/v1/avatars/${avatar.id}/photos`, { body: form(await jpeg()) });
  const file = join(store, 'photos', avatar.id, `${ours.body.accepted[0].id}.jpg`);
  t.ok((await readFile(file)).length > 0);
  const before = await counted('unusable');
  t.equal((await call('DELETE', `/v1/avatars/${avatar.id}`)).status, 204);
  await until('what is not ours to be counted', async () => (await counted('unusable')) === before + 1);
  await t.rejects(readFile(file), { code: 'ENOENT' });
  t.equal(await readFile(outside, 'utf8'), 'a face');
});

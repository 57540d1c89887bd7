import sharp from 'sharp';
import { eq } from 'drizzle-orm';
import { t } from '../../support/tap.ts';
import { avatarPhotos, events } from '../../../src/platform/db/schema.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { jpeg } from '../../../lab/ground/pictures.ts';
import { until } from '../../support/until.ts';
import { form } from './form.ts';
import { ownUploadFolder } from './upload-folder.ts';

// Decoding takes as long as the machine is busy.
t.setTimeout(180_000);

/** A small file that takes long to decode and is stored as many times its size: a tile of noise, again and again. */
async function hard(width: number, height: number): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
  const tile = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'grey', noise } })
    .png()
    .toBuffer();
  const blank = sharp({ create: { width, height, channels: 3, background: 'grey' } });
  return blank
    .composite([{ input: tile, tile: true }])
    .webp({ lossless: true, effort: 0 })
    .toBuffer();
}
const add = ({ call }: Pick<TestApp, 'call'>, avatarId: string, ...files: Buffer[]) =>
  call('POST', `/v1/avatars/${avatarId}/photos`, { body: form(...files) });

t.test('the hardest photos of others delay an upload by about one of them, however many they sent', async (t) => {
  const service = await startApp(t);
  const uploads = ownUploadFolder(t);
  const hostile = [await service.makeAvatar(), await service.makeAvatar()];
  const victim = await service.makeAvatar();
  const photos = await Promise.all(Array.from({ length: 6 }, () => hard(2400, 1800)));
  const small = await jpeg();
  const answered: string[] = [];
  const attacks = photos.map(async (photo, index) => {
    await add(service, hostile[index % 2].id, photo);
    answered.push('hostile');
  });
  await until('all have been received', async () => (await uploads()).length === photos.length);
  t.equal((await add(service, victim.id, small)).status, 201);
  answered.push('victim');
  await Promise.all(attacks);
  t.ok(answered.indexOf('victim') <= 2, answered.join(' '));
});

t.test('what is known without decoding is decided before', async (t) => {
  const damaged = async () => (await jpeg()).subarray(0, 1500);
  const { call, makeAvatar, makeUser } = await startApp(t, { environment: { MAX_PHOTOS_PER_USER: '21' } });
  const user = await makeUser();
  const [full, other] = [await makeAvatar({ user_id: user.id }), await makeAvatar({ user_id: user.id })];
  const twenty = await Promise.all(Array.from({ length: 20 }, () => jpeg({ width: 512, height: 512 })));
  t.equal((await add({ call }, full.id, ...twenty)).body.accepted.length, 20);
  const codes = ({ body }: { body: { rejected: { code: string }[] } }) => body.rejected.map(({ code }) => code);
  t.same(codes(await add({ call }, full.id, await damaged())), ['limit-reached'], 'it is not looked at');
  const [first] = twenty;
  t.same(codes(await add({ call }, full.id, first ?? Buffer.alloc(0))), ['duplicate']);
  const last = await jpeg();
  const answer = await add({ call }, other.id, last, await damaged());
  t.same([answer.body.accepted.length, codes(answer)], [1, ['quota-exceeded']]);
});

t.test(
  'the room of a user is counted in bytes as they are stored, of photos of the earlier system as they were sent',
  async (t) => {
    const service = await startApp(t, { environment: { MAX_PHOTO_BYTES_PER_USER: String(3_000_000) } });
    const avatar = await service.makeAvatar();
    const [one, two] = [await hard(1700, 1600), await hard(1700, 1600)];
    t.ok(one.length + two.length < 300_000);
    const first = await add(service, avatar.id, one);
    t.equal(first.status, 201);
    t.ok(first.body.accepted[0].photo_metadata.stored_size > 1_500_000);
    t.match(await add(service, avatar.id, two), { status: 422, body: { rejected: [{ code: 'quota-exceeded' }] } });
    const [row] = await service.app.db.select().from(avatarPhotos);
    if (!row) throw new Error('there is no photo');
    for (const photo_metadata of [{}, { stored_size: 'unknown' }, [1], 'text'] as Record<string, unknown>[]) {
      await service.app.db.update(avatarPhotos).set({ photo_metadata, file_size: 2_990_000 });
      const refused = await add(service, avatar.id, await jpeg({ width: 1024, height: 1024 }));
      t.match(refused.body.rejected, [{ code: 'quota-exceeded' }], JSON.stringify(photo_metadata));
      await service.app.db.update(avatarPhotos).set({ file_size: 1000 });
      const taken = await add(service, avatar.id, await jpeg());
      t.equal(taken.status, 201);
      await service.call('DELETE', `/v1/avatars/${avatar.id}/photos/${taken.body.accepted[0].id}`);
    }
  },
);

t.test('photos with the same pixels are one, whatever else their files hold', async (t) => {
  const service = await startApp(t);
  const avatar = await service.makeAvatar();
  const plain = await jpeg();
  const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, 12]), Buffer.from('a comment.')]);
  const alike = [
    plain,
    Buffer.concat([plain.subarray(0, 2), comment, plain.subarray(2)]),
    Buffer.concat([plain, Buffer.from('what a camera puts behind it')]),
  ];
  const { body } = await add(service, avatar.id, ...alike);
  t.equal(body.accepted.length, 1);
  t.match(body.rejected, [{ code: 'duplicate' }, { code: 'duplicate' }]);
  const [, commented] = alike;
  t.match(await add(service, avatar.id, commented ?? plain), {
    status: 422,
    body: { rejected: [{ code: 'duplicate' }] },
  });
});

t.test('a user’s photos are looked at up to a number of pixels a minute, and others’ all the same', async (t) => {
  const service = await startApp(t, { environment: { RATE_LIMIT_PER_MINUTE: '100000' } });
  const avatar = await service.makeAvatar();
  const path = `/v1/avatars/${avatar.id}/photos`;
  let answers = 0;
  let limited = await add(service, avatar.id, await jpeg());
  // Each is damaged, so that none fills the avatar.
  while (limited.status !== 429 && answers < 40) {
    const files = await Promise.all(Array.from({ length: 20 }, async () => (await jpeg()).subarray(0, 1500)));
    limited = await add(service, avatar.id, ...files);
    answers += 1;
  }
  t.match(limited, { status: 429, body: { code: 'rate-limited', accepted: [] } });
  t.match(limited.body.rejected.at(-1), { code: 'rate-limited', detail: /in \d+ seconds/ });
  t.equal(limited.headers.get('retry-after'), '60');
  t.equal(answers, 10, '200 photos');
  t.equal((await add(service, (await service.makeAvatar()).id, await jpeg())).status, 201);
  t.equal((await service.call('GET', path)).body.data.length, 1);
});

t.test('refused photos make one event a request, without a name, and none when nothing was added', async (t) => {
  const service = await startApp(t);
  const avatar = await service.makeAvatar();
  const path = `/v1/avatars/${avatar.id}/photos`;
  const refused = Array.from({ length: 19 }, (_, index) => ({
    name: `passport-${index}.jpg`,
    bytes: index ? 'no' : '',
  }));
  await service.call('POST', path, { body: form(...refused) });
  await service.call('POST', path, { body: form({ name: 'passport.jpg', bytes: await jpeg() }, ...refused) });
  const rows = await service.app.db.select().from(events).where(eq(events.avatar_id, avatar.id)).orderBy(events.id);
  const told = rows.filter(({ type }) => type.startsWith('photo.'));
  t.match(told, [
    { type: 'photo.added' },
    { type: 'photo.rejected', data: { filename: null, code: 'empty', counts: { empty: 1, 'unsupported-format': 18 } } },
  ]);
  t.equal(told.length, 2);
  t.notMatch(JSON.stringify(rows), /passport/);
});

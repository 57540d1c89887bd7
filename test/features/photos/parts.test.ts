import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { t } from '../../support/tap.ts';
import { avatarRow, insertRow, photoRow, userRow } from '../../../lab/ground/rows.ts';
import { avatarPhotos } from '../../../src/platform/db/schema.ts';
import { createStorage } from '../../../src/platform/storage/flydrive-storage.ts';
import { createTestDatabase } from '../../support/postgres.ts';
import { answerTo } from '../../../src/features/photos/answer.ts';
import { type Applicant, createAdmission } from '../../../src/features/photos/admission.ts';
import { createBudget } from '../../../src/features/photos/budget.ts';
import { contentOf } from '../../../src/features/photos/content.ts';
import { formatNamed, type RejectionCode } from '../../../src/features/photos/rules.ts';
import { createFairLimiter } from '../../../src/platform/async/limiter.ts';
import { StorageError } from '../../../src/platform/storage/storage.ts';

const held = (...hashes: string[]) => ({
  hashes: new Set(hashes),
  storedHashes: new Set(hashes.map((hash) => `stored ${hash}`)),
  count: hashes.length,
});
const roomy = { photos: 100, bytes: 1000 };
const photo = (hash: string, bytes = 10): Applicant => ({ hash, storedHash: `stored ${hash}`, bytes });

/** What becomes of photos one after the other: null for one that is taken. */
function decide(photos: Applicant[], ...[has, maximum, room]: Parameters<typeof createAdmission>) {
  const admission = createAdmission(has, maximum, room);
  return photos.map((each) => {
    const refusal = admission.refusalOf(each);
    if (!refusal) admission.take(each);
    return refusal?.code ?? null;
  });
}

t.test('an avatar takes what is new, in order, up to its limit', async (t) => {
  const photos = ['b', 'c', 'c', 'd', 'e', 'a'].map((hash) => photo(hash));
  t.same(decide(photos, held('a', 'b'), 4, roomy), [
    'duplicate',
    null,
    'duplicate',
    null,
    'limit-reached',
    'duplicate',
  ]);
  t.same(
    decide([photo('x')], { ...held(), count: 25 }, 20, roomy),
    ['limit-reached'],
    'more than the limit may be there already',
  );
});

t.test('what is stored alike is a duplicate, however it was sent', async (t) => {
  const alike = { ...photo('x'), storedHash: 'stored a' };
  t.same(decide([alike, photo('y'), { ...photo('z'), storedHash: 'stored y' }], held('a'), 20, roomy), [
    'duplicate',
    null,
    'duplicate',
  ]);
});

t.test('an avatar takes no more than its owner may have', async (t) => {
  const few = decide([photo('a'), photo('b'), photo('c')], held(), 20, { photos: 2, bytes: 1000 });
  t.same(few, [null, null, 'quota-exceeded']);
  const small = decide([photo('a'), photo('b', 11), photo('c')], held(), 20, { photos: 9, bytes: 20 });
  t.same(small, [null, 'quota-exceeded', null], 'a smaller one may still fit');
});

/** Something that runs until it is told to end. */
function endable(begun: string[], name: string) {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const run = () => {
    begun.push(name);
    return promise;
  };
  return { run, end: () => resolve(name), fail: () => reject(new Error('no')) };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

t.test('one owner has one turn at a time, and who comes later waits for one turn of each owner at most', async (t) => {
  const inTurn = createFairLimiter(2);
  const begun: string[] = [];
  const of = (owner: string, count: number) =>
    Array.from({ length: count }, (_, index) => {
      const one = endable(begun, `${owner}${index}`);
      return { ...one, result: inTurn(owner, one.run).catch(String) };
    });
  const [a, b] = [of('a', 3), of('b', 2)];
  await settled();
  t.same(begun, ['a0', 'b0'], 'not two of one owner');
  const c = of('c', 1);
  a[0]?.end();
  await settled();
  t.same(begun, ['a0', 'b0', 'c0'], 'the next is who had no turn yet');
  b[0]?.fail();
  await settled();
  t.same(begun, ['a0', 'b0', 'c0', 'a1'], 'a failure ends a turn too');
  c[0]?.end();
  await settled();
  t.same(begun, ['a0', 'b0', 'c0', 'a1', 'b1']);
  for (const one of [...a, ...b]) one.end();
  await settled();
  for (const one of a) one.end();
  t.same(await Promise.all([...a, ...b, ...c].map(({ result }) => result)), [
    'a0',
    'a1',
    'a2',
    'Error: no',
    'b1',
    'c0',
  ]);
  t.equal(await inTurn('a', async () => 'again'), 'again');
});

t.test('who waits too long for a turn gives it up, and nobody else loses by it', async (t) => {
  const inTurn = createFairLimiter(1);
  const begun: string[] = [];
  const first = endable(begun, 'first');
  const running = inTurn('a', first.run);
  const deadline = new AbortController();
  const late = inTurn('b', async () => begun.push('late'), deadline.signal);
  const next = inTurn('c', async () => begun.push('next'));
  deadline.abort(new Error('too late'));
  await t.rejects(late, { message: 'too late' });
  first.end();
  await Promise.all([running, next]);
  t.same(begun, ['first', 'next']);
  await t.rejects(
    inTurn('b', async () => begun.push('aborted'), deadline.signal),
    { message: 'too late' },
  );
});

t.test('an owner spends no more than the limit in a window, and others are not concerned', async (t) => {
  let now = 0;
  const budget = createBudget(10, 1000, () => now);
  budget.spend('a', 9);
  t.equal(budget.waitMs('a'), 0);
  now = 400;
  budget.spend('a', 9);
  t.equal(budget.waitMs('a'), 600);
  t.equal(budget.waitMs('b'), 0);
  now = 1000;
  t.equal(budget.waitMs('a'), 0);
});

t.test('photos of the earlier system are served as what their format says', async (t) => {
  const { db, pool } = await createTestDatabase(t);
  const storage = await createStorage(pathToFileURL(t.testdir()).href);
  const user = userRow();
  const avatar = avatarRow(user['id']);
  const photo = photoRow(user['id'], avatar['id'], { format: 'JPEG', file_hash: 'md5', minio_key: 'avatars/k' });
  const other = photoRow(user['id'], avatar['id'], { format: 'heic', minio_key: 'avatars/other' });
  for (const [table, row] of [
    ['users', user],
    ['avatars', avatar],
    ['avatar_photos', photo],
    ['avatar_photos', other],
  ] as const)
    await insertRow(pool, table, row);
  const [old, odd] = await db.select().from(avatarPhotos).orderBy(avatarPhotos.minio_key);
  const content = contentOf({ storage }, old!);
  t.same([content.etag, content.headers], ['"md5"', { 'content-type': 'image/jpeg' }]);
  await t.rejects(content.open(undefined), { name: 'Problem', code: 'not-found' }, 'the store has lost it');
  await storage.putBytes('avatars/k', Buffer.from('photo'), 'image/jpeg');
  t.equal(await text(await content.open(undefined)), 'photo');
  const away = { ...storage, stream: () => Promise.reject(new StorageError('unavailable', 'away')) };
  await t.rejects(contentOf({ storage: away }, old!).open(undefined), { name: 'StorageError' }, 'a store that is away');
  t.same(contentOf({ storage }, odd!).headers, { 'content-type': 'application/octet-stream' });
  t.equal(formatNamed('gif'), undefined);
});

t.test('photos that may be taken later are told apart from those that can’t be used', async (t) => {
  const refused = (...codes: RejectionCode[]) => ({
    accepted: [],
    rejected: codes.map((code) => ({ filename: null, code, detail: 'is none' })),
  });
  t.throws(() => answerTo(refused('damaged', 'duplicate')), { code: 'photos-rejected', headers: {} });
  for (const code of ['rate-limited', 'overloaded'] as const) {
    t.throws(() => answerTo(refused('damaged', code)), {
      code,
      headers: { 'retry-after': '60' },
      extensions: { rejected: [{ code: 'damaged' }, { code }] },
    });
  }
});

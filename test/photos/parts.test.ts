import { t } from '../support/tap.ts';
import { admit } from '../../src/photos/admit.ts';
import { openContent } from '../../src/photos/content.ts';
import { formatNamed } from '../../src/photos/rules.ts';
import { createTurns } from '../../src/photos/turns.ts';
import { StorageError } from '../../src/storage/storage.ts';

const hash = (...hashes: string[]) => hashes.map((one) => ({ hash: one, bytes: 10 }));
const roomy = { photos: 100, bytes: 1000 };

t.test('an avatar takes what is new, in order, up to its limit', async (t) => {
  const held = { hashes: new Set(['a', 'b']), count: 2 };
  const { admitted, refused } = admit(hash('b', 'c', 'c', 'd', 'e', 'a'), held, 4, roomy);
  t.same(admitted, hash('c', 'd'));
  t.same(
    refused.map(({ photo, refusal }) => [photo.hash, refusal.code]),
    [
      ['b', 'duplicate'],
      ['c', 'duplicate'],
      ['e', 'limit_reached'],
      ['a', 'duplicate'],
    ],
  );
  t.same(
    admit(hash('x'), { hashes: new Set(), count: 25 }, 20, roomy).admitted,
    [],
    'more than the limit may be there already',
  );
});

t.test('an avatar takes no more than its owner may have', async (t) => {
  const none = { hashes: new Set<string>(), count: 0 };
  const few = admit(hash('a', 'b', 'c'), none, 20, { photos: 2, bytes: 1000 });
  t.same(few.admitted, hash('a', 'b'));
  t.match(few.refused, [{ photo: { hash: 'c' }, refusal: { code: 'quota_exceeded' } }]);
  const small = admit([...hash('a'), { hash: 'b', bytes: 11 }, ...hash('c')], none, 20, { photos: 9, bytes: 20 });
  t.same(small.admitted, hash('a', 'c'), 'a smaller one may still fit');
});

t.test('turns run some at a time and the rest in order, whatever becomes of them', async (t) => {
  const inTurn = createTurns(2);
  const begun: number[] = [];
  const ends = Array.from({ length: 4 }, () => Promise.withResolvers<number>());
  const runs = ends.map((end, index) =>
    inTurn(() => {
      begun.push(index);
      return end.promise;
    }),
  );
  const results = Promise.allSettled(runs);
  t.same(begun, [0, 1]);
  ends[1]?.reject(new Error('no'));
  await t.rejects(async () => runs[1], { message: 'no' });
  t.same(begun, [0, 1, 2]);
  ends[0]?.resolve(0);
  ends[2]?.resolve(2);
  ends[3]?.resolve(3);
  t.same(
    (await results).map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
  );
  t.equal(await inTurn(async () => 'again'), 'again');
});

t.test('photos of the earlier system are served as what their format says', async (t) => {
  const photo = { photo_metadata: {}, format: 'JPEG', file_hash: 'md5', minio_key: 'k' };
  const storage = { stream: () => Promise.reject(new StorageError('unavailable', 'away')) };
  const content = openContent({ storage } as never, photo as never);
  t.same([content.etag, content.headers], ['"md5"', { 'content-type': 'image/jpeg' }]);
  await t.rejects(content.open(), { name: 'StorageError' }, 'a store that is away is no missing photo');
  const other = openContent({ storage } as never, { ...photo, format: 'heic' } as never);
  t.same(other.headers, { 'content-type': 'application/octet-stream' });
  t.equal(formatNamed('gif'), undefined);
});

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { t } from '../../support/tap.ts';
import yauzl from 'yauzl';
import { StorageError } from '../../../src/platform/storage/storage.ts';
import { type ArchivedPhoto, buildArchive, PhotoMissingError } from '../../../src/features/trainings/archive.ts';

const bytes = (index: number) => Buffer.alloc(100_000, `photo ${index} `);
const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex');
const photos: ArchivedPhoto[] = [0, 1, 2, 3].map((index) => ({
  id: `id-${index}`,
  key: `${index}`,
  sha256: index === 3 ? null : sha256(bytes(index)),
  extension: index === 1 ? 'png' : 'jpg',
}));
const never = new AbortController().signal;

/** A store of these four photos; counts the streams that are open. */
function store(
  open: (key: string) => Promise<Readable> = (key) => Promise.resolve(Readable.from(inPieces(Number(key)))),
) {
  let now = 0;
  let most = 0;
  const stream = async (key: string) => {
    const readable = await open(key);
    now += 1;
    most = Math.max(most, now);
    const done = new Set(['end', 'close']);
    for (const event of done) {
      readable.once(event, () => {
        now -= done.size === 2 ? 1 : 0;
        done.delete(event);
      });
    }
    return readable;
  };
  return { storage: { stream } as never, open: () => now, most: () => most };
}

function* inPieces(index: number) {
  const data = bytes(index);
  for (let at = 0; at < data.length; at += 10_000) yield data.subarray(at, at + 10_000);
}

t.test('the archive holds every photo, unchanged and in order', async (t) => {
  const folder = t.testdir();
  const path = join(folder, 'a.zip');
  const { storage, most } = store();
  await buildArchive({ storage }, photos, path, never);
  const names: string[] = [];
  const zip = await yauzl.openPromise(path);
  for await (const entry of zip.eachEntry()) {
    names.push(entry.fileName);
    const content = await buffer(await zip.openReadStreamPromise(entry));
    t.equal(sha256(content), sha256(bytes(names.length - 1)), entry.fileName);
  }
  t.same(names, ['photo_001.jpg', 'photo_002.png', 'photo_003.jpg', 'photo_004.jpg']);
  t.equal(most(), 1, 'one photo was open at a time');
  const again = join(folder, 'b.zip');
  await buildArchive({ storage }, photos, again, never);
  t.same(await readFile(again), await readFile(path), 'the same photos make the same bytes');
});

t.test('a photo with other content than was agreed on is named, wherever it stands', async (t) => {
  for (const index of [0, 1, 2]) {
    const { storage, open } = store();
    const agreed = photos.map((photo, at) => (at === index ? { ...photo, sha256: '0'.repeat(64) } : photo));
    const error = await failureOf(buildArchive({ storage }, agreed, join(t.testdir(), 'a.zip'), never));
    t.match(error, PhotoMissingError);
    t.match(error, { photoId: `id-${index}`, message: /another content/ });
    t.equal(open(), 0, 'nothing stays open');
  }
});

t.test('a photo that is missing is named; a store out of reach is not taken for it', async (t) => {
  for (const [code, expected] of [
    ['missing', PhotoMissingError],
    ['unavailable', StorageError],
  ] as const) {
    const broken = store((key) =>
      key === '2'
        ? Promise.reject(new StorageError(code, 'the object is not there'))
        : Promise.resolve(Readable.from(inPieces(Number(key)))),
    );
    t.match(await failureOf(buildArchive(broken, photos, join(t.testdir(), 'a.zip'), never)), expected);
    t.equal(broken.open(), 0);
  }
});

t.test('a store that breaks in the middle of a photo, and a signal, end it', async (t) => {
  const broken = store((key) => {
    if (key !== '1') return Promise.resolve(Readable.from(inPieces(Number(key))));
    return Promise.resolve(Readable.from(breaksOff()));
  });
  const breaking = buildArchive(broken, photos, join(t.testdir(), 'a.zip'), never);
  t.match(await failureOf(breaking), { message: 'the connection broke' });
  t.equal(broken.open(), 0);

  const stop = new AbortController();
  const endless = store(() => Promise.resolve(Readable.from(withoutEnd(() => stop.abort()))));
  t.match(await failureOf(buildArchive(endless, photos, join(t.testdir(), 'b.zip'), stop.signal)), {
    name: 'AbortError',
  });
  t.equal(endless.open(), 0);
});

async function* breaksOff() {
  yield bytes(1).subarray(0, 10);
  throw new Error('the connection broke');
}

async function* withoutEnd(then: () => void) {
  for (let count = 0; ; count += 1) {
    if (count === 20) then();
    yield Buffer.alloc(1000);
  }
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    // What is closed on the way is closed by the next turn.
    await new Promise((resolve) => setImmediate(resolve));
    return error;
  }
  throw new Error('it was built');
}

import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { t } from '../../support/tap.ts';
import { LockFileTimeoutError, withLockFile } from '@likeness/embedded-postgres/lock-file.ts';

t.test('one at a time', async (t) => {
  const dir = t.testdir();
  const path = join(dir, 'lock');
  let inside = 0;
  let most = 0;
  const work = async () => {
    inside += 1;
    most = Math.max(most, inside);
    await readdir(dir);
    inside -= 1;
  };
  await Promise.all(Array.from({ length: 8 }, () => withLockFile(path, 10_000, work)));
  t.equal(most, 1);
  t.same(await readdir(dir), [], 'nothing is left');
});

t.test('it is given up when the work fails, and what the work threw comes out', async (t) => {
  const path = join(t.testdir(), 'lock');
  await t.rejects(
    withLockFile(path, 1_000, () => Promise.reject(new Error('no luck'))),
    /no luck/,
  );
  t.equal(await withLockFile(path, 1_000, async () => 'next'), 'next');
});

t.test('a holder that lives is waited for until the time is over', async (t) => {
  const path = join(t.testdir(), 'lock');
  await withLockFile(path, 1_000, () =>
    t.rejects(
      withLockFile(path, 50, async () => undefined),
      LockFileTimeoutError,
    ),
  );
});

t.test('a holder elsewhere whose heartbeat stopped is dead, one whose heart beats is not', async (t) => {
  const path = join(t.testdir(), 'lock');
  await writeFile(path, JSON.stringify({ pid: 1, host: 'elsewhere', nonce: 'x' }));
  await t.rejects(
    withLockFile(path, 50, async () => undefined),
    LockFileTimeoutError,
  );
  const longAgo = new Date(Date.now() - 60_000);
  await utimes(path, longAgo, longAgo);
  t.equal(await withLockFile(path, 50, async () => 'mine'), 'mine');
});

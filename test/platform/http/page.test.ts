import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { t } from '../../support/tap.ts';
import { Problem } from '../../../src/errors.ts';
import { decodeCursor, encodeCursor } from '../../../src/platform/http/page.ts';

const secret = randomBytes(32);
const values = fc.array(fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)), { maxLength: 4 });

function refused(list: string, cursor: string, key = secret): boolean {
  try {
    decodeCursor(key, list, cursor);
    return false;
  } catch (error) {
    return error instanceof Problem && error.code === 'invalid-cursor' && error.statusCode === 400;
  }
}

t.test('a cursor gives back what it was made of, to its own list alone', async (t) => {
  fc.assert(
    fc.property(values, fc.string(), fc.string(), (given, list, other) => {
      const cursor = encodeCursor(secret, list, given);
      t.match(cursor, /^[\w-]+$/, 'fit for a URL');
      t.same(decodeCursor(secret, list, cursor), given);
      if (other !== list) t.ok(refused(other, cursor));
      t.ok(refused(list, cursor, randomBytes(32)), 'of another installation');
    }),
    { numRuns: 50 },
  );
});

t.test('a cursor that was changed is refused', async (t) => {
  const cursor = encodeCursor(secret, 'avatars', ['2026-01-01 00:00:00.000123+00', 'id']);
  const bytes = Buffer.from(cursor, 'base64url');
  for (let index = 0; index < bytes.length; index += 1) {
    const changed = Buffer.from(bytes);
    changed[index] = (changed[index] ?? 0) ^ 1;
    t.ok(refused('avatars', changed.toString('base64url')), `byte ${index}`);
  }
  for (const made of ['', 'x', '%', 'null', 'A'.repeat(1000), cursor.slice(0, 10)])
    t.ok(refused('avatars', made), made.slice(0, 20));
});

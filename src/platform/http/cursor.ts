import { createHmac, timingSafeEqual } from 'node:crypto';
import { Problem } from '../../errors.ts';

const tagBytes = 12;

/**
 * Encodes a signed keyset cursor.
 * @param secret the installation's secret
 * @param list name and filters of the list, to which the cursor is bound
 * @param values sort values of the last item of the page
 */
export function encodeCursor(
  secret: Buffer,
  list: string,
  values: readonly (string | number | boolean | null)[],
): string {
  const body = Buffer.from(JSON.stringify(values));
  return Buffer.concat([tag(secret, list, body), body]).toString('base64url');
}

/**
 * @returns the values given to {@link encodeCursor}
 * @throws Problem 400 `invalid-cursor` when the cursor was not issued for this list and these filters
 */
export function decodeCursor(secret: Buffer, list: string, cursor: string): (string | number | boolean | null)[] {
  const bytes = Buffer.from(cursor, 'base64url');
  const body = bytes.subarray(tagBytes);
  const given = bytes.subarray(0, tagBytes);
  // Buffer.from ignores invalid base64: reject what does not round-trip.
  const isWhole = given.length === tagBytes && bytes.toString('base64url') === cursor;
  if (!isWhole || !timingSafeEqual(given, tag(secret, list, body))) {
    throw new Problem(
      'invalid-cursor',
      'The cursor was not issued by this list with these filters: begin again without one.',
      {
        errors: [
          { field: '/cursor', code: 'invalid-cursor', detail: 'Pass `next_cursor` as it was, with the same filters.' },
        ],
      },
    );
  }
  return JSON.parse(body.toString());
}

function tag(secret: Buffer, list: string, body: Buffer): Buffer {
  return createHmac('sha256', secret).update(`cursor\n${list}\n`).update(body).digest().subarray(0, tagBytes);
}

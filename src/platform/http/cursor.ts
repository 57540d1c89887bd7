import { createHmac, timingSafeEqual } from 'node:crypto';
import { Problem } from '../../errors.ts';

const tagBytes = 12;

/**
 * A keyset cursor: the sort values of the last item, signed, so that a client can neither read a promise into it nor
 * make one up.
 * @param secret the installation's secret
 * @param list the name of the list, with its filters; a cursor of one list is refused by another
 * @param values the sort values of the last item of the page
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
 * @returns the values that {@link encodeCursor} was given
 * @throws Problem 400 `invalid-cursor` when it was made by someone else, for another list or with other filters
 */
export function decodeCursor(secret: Buffer, list: string, cursor: string): (string | number | boolean | null)[] {
  const bytes = Buffer.from(cursor, 'base64url');
  const body = bytes.subarray(tagBytes);
  const given = bytes.subarray(0, tagBytes);
  // Node passes over what is no base64; a cursor that was added to is another one all the same.
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

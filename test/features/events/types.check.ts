import type { Tx } from '../../../src/platform/db/transact.ts';
import { publish } from '../../../src/features/events/publish.ts';

/*
 * What the compiler refuses, which a test that runs can't show, for types are stripped then: `npm run check` fails when one
 * of these calls is taken.
 */

export const refused = (tx: Tx) => [
  // @ts-expect-error there is no such type
  publish(tx, { type: 'user.born' }),
  // @ts-expect-error data is missing
  publish(tx, { type: 'avatar.updated' }),
  // @ts-expect-error a member is missing
  publish(tx, { type: 'avatar.created', data: { status: 'draft' } }),
  // @ts-expect-error a member is of another kind
  publish(tx, { type: 'avatar.updated', data: { changed: 'name' } }),
  // @ts-expect-error the type has no data
  publish(tx, { type: 'user.deleted', data: { why: 'x' } }),
];

export const taken = (tx: Tx) => publish(tx, { type: 'user.deleted' });

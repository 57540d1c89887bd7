import { notFound, Problem } from '../../errors.ts';
import { transact, type Unit } from '../../platform/db/transact.ts';
import { addKey, type MadeKey } from './create-key.ts';
import { lockKey, replaceKey, type ShownKey } from './store.ts';
import { statusOf } from './view.ts';

export type Rotation = { old: ShownKey; made: MadeKey };

/**
 * Creates a key that replaces another, with its name, scopes and lifetime. The old key works for the overlap, so that
 * clients can be moved without failed requests.
 * @param overlapMs milliseconds
 * @throws Problem 404; 409 `invalid-state` when the key has ended or was replaced already
 */
export async function rotateKey(unit: Unit, id: string, overlapMs: number): Promise<Rotation> {
  return transact(unit, async (tx) => {
    const old = (await lockKey(tx, id)) ?? notFound('key');
    refuseUnlessActive(old);
    const lifeMs = old.expires_at && old.expires_at.getTime() - old.created_at.getTime();
    const expiresAt = lifeMs === null ? null : new Date(Date.now() + lifeMs);
    const made = await addKey(tx, { name: old.name, scopes: old.scopes, expiresAt, originId: old.origin_id });
    await replaceKey(tx, old.id, made.id, new Date(Date.now() + overlapMs));
    return { old: (await lockKey(tx, id)) ?? notFound('key'), made };
  });
}

function refuseUnlessActive(key: ShownKey): void {
  const status = statusOf(key);
  if (key.replaced_by !== null) {
    throw new Problem('invalid-state', `The key was replaced by ${key.replaced_by} already: rotate that one.`, {
      extensions: { replaced_by: key.replaced_by },
    });
  }
  if (status !== 'active') {
    throw new Problem('invalid-state', `The key is ${status}: make a new one.`, { extensions: { key_status: status } });
  }
}

import type { Static } from 'typebox';
import { Problem } from '../../errors.ts';
import type { UserPatch } from './schemas.ts';

// What a user token may change. Ids are not among it, or a user could take over another one's identity.
const profile = new Set(['first_name', 'last_name', 'username', 'language_code', 'timezone']);

/** @throws Problem 403 `key-needed` naming each field that a user token may not change */
export function refuseBeyondProfile(patch: Static<typeof UserPatch>): void {
  const refused = Object.keys(patch).filter((name) => !profile.has(name));
  if (refused.length === 0) return;
  throw new Problem('key-needed', `A user token can’t change ${refused.join(', ')}: that requires an API key.`, {
    errors: refused.map((name) => ({ field: `/${name}`, code: 'key-needed', detail: 'requires an API key' })),
  });
}

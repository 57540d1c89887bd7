import type { Static } from 'typebox';
import { scopes } from '../../platform/http/caller.ts';
import { iso } from '../../platform/http/iso.ts';
import type { KeyStatus, KeySchema } from './schemas.ts';
import type { ShownKey } from './store.ts';

export function statusOf({ revoked_at, expires_at }: Pick<ShownKey, 'revoked_at' | 'expires_at'>): KeyStatus {
  if (revoked_at !== null) return 'revoked';
  return expires_at !== null && expires_at.getTime() <= Date.now() ? 'expired' : 'active';
}

export function keyView(key: ShownKey): Static<typeof KeySchema> {
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    scopes: scopes.filter((scope) => key.scopes.includes(scope)),
    status: statusOf(key),
    created_at: iso(key.created_at),
    expires_at: iso(key.expires_at),
    last_used_at: iso(key.last_used_at),
    revoked_at: iso(key.revoked_at),
    replaced_by: key.replaced_by,
  };
}

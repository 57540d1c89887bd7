import type { Static } from 'typebox';
import { iso } from '../../platform/http/iso.ts';
import type { UserSchema } from './schemas.ts';
import type { User } from './store.ts';

export function userView(user: User): Static<typeof UserSchema> {
  return { ...user, created_at: iso(user.created_at), updated_at: iso(user.updated_at) };
}

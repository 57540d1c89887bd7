import type { Static } from 'typebox';
import type { UserSchema } from './schemas.ts';
import type { User } from './store.ts';

export function userView(user: User): Static<typeof UserSchema> {
  return { ...user, created_at: user.created_at.toISOString(), updated_at: user.updated_at.toISOString() };
}

import { isNotNull, or } from 'drizzle-orm';
import { users } from './schema.ts';

/** Whether a row of `users` is a user: a deleted one has neither id, and may remain for tables of other programs that refer to it. */
export const isUser = or(isNotNull(users.external_id), isNotNull(users.telegram_id));

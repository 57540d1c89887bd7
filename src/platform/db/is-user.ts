import { isNotNull, or } from 'drizzle-orm';
import { users } from './schema.ts';

/** A deleted user has neither id; the row may remain because tables outside the service refer to it. */
export const isUser = or(isNotNull(users.external_id), isNotNull(users.telegram_id));

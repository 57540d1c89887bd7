import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { withoutSecrets } from '../redaction.ts';

/** Request id: the client's X-Request-Id if short, safe to log and not a key, else a new UUID. */
export function requestIdOf({ headers }: { headers: IncomingHttpHeaders }): string {
  const given = headers['x-request-id'];
  const isHarmless = typeof given === 'string' && /^[\w.:@/+=-]{1,100}$/.test(given) && withoutSecrets(given) === given;
  return isHarmless ? given : randomUUID();
}

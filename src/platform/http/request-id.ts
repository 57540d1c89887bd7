import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { withoutSecrets } from '../log/secrets.ts';

/**
 * The id of a request: the caller's own X-Request-Id when it is short and harmless to log, which a key is not, else a new UUID. It is on
 * every answer, in every problem document, in the log and in the events that the request caused.
 */
export function requestIdOf({ headers }: { headers: IncomingHttpHeaders }): string {
  const given = headers['x-request-id'];
  const isHarmless = typeof given === 'string' && /^[\w.:@/+=-]{1,100}$/.test(given) && withoutSecrets(given) === given;
  return isHarmless ? given : randomUUID();
}

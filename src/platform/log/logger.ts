import { type DestinationStream, type Logger, pino } from 'pino';
import { clientAddress } from '../http/client-address.ts';
import { withoutSecrets } from './secrets.ts';
import { traceparent } from '../trace/trace.ts';

// Query parameters whose values may be read by whoever reads the log. Attempt tokens, signatures and cursors are not among them.
const plainParameters = new Set([
  'limit',
  'after',
  'type',
  'status',
  'user_id',
  'avatar_id',
  'training_id',
  'training_type',
  'include',
]);

/**
 * Makes the log of a process: JSON lines in which no key, token, signature, archive of photos or bound value of a
 * statement stands.
 * @param level the least severe level that is written
 */
export function createLogger(level: string, destination: DestinationStream): Logger {
  return pino(
    {
      level,
      mixin: traceFields,
      serializers: { req: requestFields, res: answerFields, err: errorFields },
      // The net below the serializers: it sees each line as it is written, wherever a secret came from.
      hooks: { streamWrite: withoutSecrets },
    },
    destination,
  );
}

/** Standard output: JSON lines, or lines for people on a terminal. */
export async function standardOutput(): Promise<DestinationStream> {
  if (!process.stdout.isTTY) return pino.destination({ dest: 1, sync: true });
  const { default: pretty } = await import('pino-pretty');
  return pretty({ sync: true, translateTime: 'HH:MM:ss', ignore: 'pid,hostname' });
}

const longestUrl = 1000;

/** @returns a request's URL for the log: values of query parameters only where they are known to be harmless */
export function loggableUrl(url: string): string {
  const [path = '/', query] = url.slice(0, longestUrl).split('?', 2);
  if (query === undefined) return path;
  const parameters = [...new URLSearchParams(query)].map(
    ([name, value]) => `${name}=${plainParameters.has(name) ? value : '…'}`,
  );
  return `${path}?${parameters.join('&')}`;
}

// From a line in the log to the trace it belongs to.
function traceFields(): Record<string, string> {
  const [, traceId] = traceparent()?.split('-') ?? [];
  return traceId === undefined ? {} : { trace_id: traceId };
}

function answerFields({ statusCode }: { statusCode: number }): Record<string, unknown> {
  return { statusCode };
}

type LoggedRequest = { method: string; url: string; routeOptions?: { url?: string } } & Parameters<
  typeof clientAddress
>[0];

function requestFields(request: LoggedRequest): Record<string, unknown> {
  const { method, url, routeOptions } = request;
  return { method, url: loggableUrl(url), route: routeOptions?.url, remote: clientAddress(request) };
}

// drizzle puts the bound values of a failed statement beside and into its message; they are people's data and hashes of keys.
function errorFields(error: Error): Record<string, unknown> {
  const { params: _, ...fields } = pino.stdSerializers.err(error) as unknown as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.replace(/\nparams: [^\n]*/g, '\nparams: not logged') : value,
    ]),
  );
}

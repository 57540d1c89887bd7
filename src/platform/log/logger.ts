import { type DestinationStream, type Logger, pino } from 'pino';
import { clientAddress } from '../http/client-address.ts';
import { withoutSecrets } from '../redaction.ts';
import { traceparent } from '../trace/trace.ts';

// Query parameters whose values may be logged: never job tokens, signatures or cursors.
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
 * Makes the process's log: JSON lines without keys, tokens, signatures, photo archives or bound values of statements.
 * @param level least severe level that is written
 */
export function createLogger(level: string, destination: DestinationStream): Logger {
  return pino(
    {
      level,
      mixin: traceFields,
      serializers: { req: requestFields, res: answerFields, err: errorFields },
      // Last line of defence: sees each line as written, whatever path a secret took.
      hooks: { streamWrite: withoutSecrets },
    },
    destination,
  );
}

export async function standardOutput(): Promise<DestinationStream> {
  if (!process.stdout.isTTY) return pino.destination({ dest: 1, sync: true });
  const { default: pretty } = await import('pino-pretty');
  return pretty({ sync: true, translateTime: 'HH:MM:ss', ignore: 'pid,hostname' });
}

const longestUrl = 1000;

/** @returns a request URL for the log, with only harmless query values */
export function loggableUrl(url: string): string {
  const [path = '/', query] = url.slice(0, longestUrl).split('?', 2);
  if (query === undefined) return path;
  const parameters = [...new URLSearchParams(query)].map(
    ([name, value]) => `${name}=${plainParameters.has(name) ? value : '…'}`,
  );
  return `${path}?${parameters.join('&')}`;
}

// Links a log line to its trace.
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

// drizzle adds bound values to failed statements: personal data and hashes of keys.
function errorFields(error: Error): Record<string, unknown> {
  const { params: _, ...fields } = pino.stdSerializers.err(error) as unknown as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.replace(/\nparams: [^\n]*/g, '\nparams: not logged') : value,
    ]),
  );
}

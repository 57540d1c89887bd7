import { type DestinationStream, type Logger, pino } from 'pino';
import { traceparent } from './trace/trace.ts';

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

/** @returns a request's URL for the log: values of query parameters only where they are known to be harmless */
export function loggableUrl(url: string): string {
  const [path = '/', query] = url.split('?', 2);
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

type LoggedRequest = { method: string; url: string; ip: string; routeOptions?: { url?: string } };

function requestFields({ method, url, ip, routeOptions }: LoggedRequest): Record<string, unknown> {
  return { method, url: loggableUrl(url), route: routeOptions?.url, remote: ip };
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

const secrets: [RegExp, string][] = [
  [/\bBearer [^\s"\\,]+/g, 'Bearer …'],
  [/\bKey [^\s"\\:]+:[^\s"\\,]+/g, 'Key …'],
  [/([?&](?:t|token|sig|signature|X-Amz-[A-Za-z]+)=)[^&\s"\\]+/g, '$1…'],
  [/\/\/[^/\s:@"]+:[^@/\s"]+@/g, '//…@'],
  [/https?:\/\/[^\s"\\]+\.zip[^\s"\\]*/g, '(an archive of photos)'],
  [/Failing row contains \((?:[^"\\]|\\.)*/g, 'Failing row contains (…)'],
];

/** The net below the serializers: it sees each line as it is written, wherever a secret came from. */
export function withoutSecrets(line: string): string {
  return secrets.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), line);
}

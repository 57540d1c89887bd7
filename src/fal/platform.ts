import { limits } from '../limits.ts';
import { FalError } from './errors.ts';
import { failureFromAnswer } from './failure.ts';
import type { Exchange, SendExchange } from './fetch.ts';
import type { FoundRequest, FoundRequests, RequestQuery } from './outcomes.ts';
import { dateOrNull, isRecord, isRequestId, numberOrNull, parseJson, textOrNull } from './shapes.ts';
import { parseSigningKeys, type SigningKey } from './signature.ts';

export type PlatformOptions = { send: SendExchange; key: string; timeoutMs: number };

/** fal's largest page (fal contract §7). */
const pageLimit = '100';

/**
 * Searches fal's records for the requests to an endpoint since a time, with their inputs (fal contract §7). fal's
 * client has no call for it.
 * @throws FalError `refused`, `unavailable`, `invalid_answer` or `aborted`
 */
export async function findRequests(
  { send, key, timeoutMs }: PlatformOptions,
  endpoint: string,
  query: RequestQuery,
  signal?: AbortSignal,
): Promise<FoundRequests> {
  const url = new URL('https://api.fal.ai/v1/models/requests/by-endpoint');
  url.searchParams.set('endpoint_id', endpoint);
  url.searchParams.set('start', query.start.toISOString());
  if (query.end !== undefined) url.searchParams.set('end', query.end.toISOString());
  url.searchParams.set('expand', 'payloads');
  url.searchParams.set('limit', pageLimit);
  if (query.cursor !== undefined) url.searchParams.set('cursor', query.cursor);
  const headers = { authorization: `Key ${key}`, accept: 'application/json' };
  const body = bodyOf(await send({ url: url.href, method: 'GET', headers, timeoutMs, ...(signal && { signal }) }));
  if (!isRecord(body) || !Array.isArray(body['items'])) {
    throw new FalError('invalid_answer', 'fal answered the request search without a list of items.');
  }
  const items = body['items'].flatMap((item: unknown) => readRequest(item, endpoint));
  return { items, nextCursor: body['has_more'] === false ? null : textOrNull(body['next_cursor']) };
}

/**
 * Fetches the public keys of fal's webhook signatures (fal contract §2.2), without our key.
 * @throws FalError; `invalid_answer` when the list holds no Ed25519 key
 */
export async function fetchSigningKeys(options: PlatformOptions, signal?: AbortSignal): Promise<SigningKey[]> {
  const url = 'https://rest.fal.ai/.well-known/jwks.json';
  const headers = { accept: 'application/json' };
  // fal allows a webhook 15 s (fal contract §2.3), which may include this fetch.
  const timeoutMs = Math.min(options.timeoutMs, limits.falKeys.ms);
  const exchange = await options.send({ url, method: 'GET', headers, timeoutMs, ...(signal && { signal }) });
  const keys = parseSigningKeys(bodyOf(exchange));
  if (keys.length === 0) throw new FalError('invalid_answer', "fal's key list holds no usable signing key.");
  return keys;
}

const codeOfBroken = { failed: 'unavailable', aborted: 'aborted', not_https: 'invalid_answer' } as const;

/** @returns the parsed body of a 2xx answer @throws FalError for any other exchange */
export function bodyOf(exchange: Exchange): unknown {
  if (exchange.kind === 'broken') throw new FalError(codeOfBroken[exchange.why], exchange.reason);
  const { status, text } = exchange;
  if (status >= 200 && status <= 299) return parseJson(text);
  if (status < 400 || status === 408 || status >= 500) throw new FalError('unavailable', `fal answered ${status}.`);
  const failure = failureFromAnswer(exchange);
  throw new FalError('refused', `fal answered ${status}: ${failure.message}`, { failure });
}

function readRequest(item: unknown, endpoint: string): FoundRequest[] {
  if (!isRecord(item) || !isRequestId(item['request_id'])) return [];
  return [
    {
      falRequestId: item['request_id'],
      endpoint: textOrNull(item['endpoint_id']) ?? endpoint,
      sentAt: dateOrNull(item['sent_at']),
      startedAt: dateOrNull(item['started_at']),
      endedAt: dateOrNull(item['ended_at']),
      statusCode: numberOrNull(item['status_code']),
      input: isRecord(item['json_input']) ? item['json_input'] : null,
    },
  ];
}

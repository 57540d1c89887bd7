import type { Exchange, SendExchange } from './fetch.ts';

/** Ends a call inside fal's client without anything that would make the client retry. */
class CallEnded extends Error {
  override readonly name = 'CallEnded';
}

export type RecordedFetch = {
  fetch: typeof globalThis.fetch;
  /** The last exchange; null when the client sent nothing. */
  last(): Exchange | null;
};

export type RecordingOptions = {
  send: SendExchange;
  timeoutMs: number;
  stallMs?: number;
  /** Further requests end the call unsent. */
  maxRequests?: number;
  signal?: AbortSignal;
  fresh?: boolean;
};

/**
 * Creates a fetch for one call of fal's client that records the real answer with its raw text, from which outcomes are
 * derived instead of from the client's error. The client retries a submission up to three times on 429, 502, 503, 504
 * and broken connections (fal contract §5.4); so every answer but a 2xx ends the call with an error that it does not
 * retry.
 */
export function recordFetch(options: RecordingOptions): RecordedFetch {
  const { send, timeoutMs, stallMs, maxRequests = Number.POSITIVE_INFINITY, signal, fresh = false } = options;
  let last: Exchange | null = null;
  let requests = 0;
  return {
    last: () => last,
    fetch: async (input, init) => {
      requests += 1;
      if (requests > maxRequests) throw new CallEnded('The call may send no further request.');
      const body = init?.body ?? undefined;
      if (body !== undefined && typeof body !== 'string' && !(body instanceof Blob)) {
        throw new CallEnded('The body must be text or a Blob.');
      }
      const exchange = await send({
        url: input instanceof Request ? input.url : String(input),
        method: init?.method ?? 'GET',
        headers: Object.fromEntries(new Headers(init?.headers)),
        timeoutMs,
        ...(stallMs !== undefined && { stallMs }),
        fresh,
        ...(body === undefined ? {} : { body }),
        ...(signal === undefined ? {} : { signal }),
      });
      last = exchange;
      if (exchange.kind === 'broken') throw new CallEnded(exchange.reason);
      const { status, headers, text } = exchange;
      if (status < 200 || status > 299) throw new CallEnded(`fal answered ${status}.`);
      // The text is decoded, so headers about its coding no longer apply.
      const { 'content-encoding': _coding, 'content-length': _length, ...others } = headers;
      return new Response(status === 204 || status === 205 ? null : text, { status, headers: others });
    },
  };
}

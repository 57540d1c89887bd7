import type { Exchange, SendExchange } from './fetch.ts';

/** Ends a call inside fal's client. It bears no code, no cause and no word that the client takes as a reason to repeat. */
class CallEnded extends Error {
  override readonly name = 'CallEnded';
}

export type RecordedFetch = {
  /** To be given to createFalClient. */
  fetch: typeof globalThis.fetch;
  /** The last exchange, or null when the client sent nothing. */
  last(): Exchange | null;
};

export type RecordingOptions = {
  send: SendExchange;
  timeoutMs: number;
  stallMs?: number;
  /** Requests beyond this number end the call without being sent. */
  maxRequests?: number;
  signal?: AbortSignal;
  fresh?: boolean;
};

/**
 * Makes a fetch for one call of fal's client and keeps what was really answered, the raw text too, so that outcomes are
 * sorted by fal's own answer and not by the client's error. The client repeats a submission up to three times for 429,
 * 502, 503, 504 and broken connections, whatever its settings (fal contract §5.4): every answer but a 2xx therefore
 * ends the call with an error that it does not repeat.
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
      // The text is decoded already, so the headers that describe its coding no longer hold.
      const { 'content-encoding': _coding, 'content-length': _length, ...others } = headers;
      return new Response(status === 204 || status === 205 ? null : text, { status, headers: others });
    },
  };
}

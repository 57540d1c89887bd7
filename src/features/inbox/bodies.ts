import type { IncomingMessage } from 'node:http';
import { Problem } from '../../errors.ts';

export type Body = {
  bytes: Buffer;
  release(): void;
};

export type Bodies = {
  /**
   * Reads a body into memory.
   * @param maxBytes limit of this body
   * @throws Problem 413 `payload-too-large`; 503 `overloaded` when there is no room; 408 `request-timeout`; 400 when
   * truncated
   */
  read(request: IncomingMessage, maxBytes: number): Promise<Body>;
};

export type BodyLimits = {
  /** Limit of bytes in all bodies together, from first byte to release. */
  room: number;
  /** Milliseconds in which a body must arrive. */
  patienceMs: number;
};

// The overhead of a request, so that many small ones are bounded too.
const costBytes = 4096;
const retryAfter = { 'retry-after': '5' };
const closing = { connection: 'close' };

/**
 * Creates a reader of whole bodies with shared limits. Received bytes count, not the announced length. A body that is
 * too large, too slow or beyond the room is refused and discarded.
 */
export function createBodies({ room, patienceMs }: BodyLimits): Bodies {
  let held = 0;

  return {
    read(request, maxBytes) {
      const { promise, resolve, reject } = Promise.withResolvers<Body>();
      const chunks: Buffer[] = [];
      let size = 0;
      let cost = 0;
      const release = () => {
        held -= cost;
        cost = 0;
      };
      const isTaken = (bytes: number) => {
        held += bytes;
        cost += bytes;
        return held <= room;
      };
      const leave = () => {
        clearTimeout(timer);
        request.off('data', take).off('end', finish).off('error', cut).off('close', cut);
      };
      const refuse = (problem: Problem) => {
        leave();
        chunks.length = 0;
        release();
        // The remainder is discarded, so that a client that is still sending reads the response.
        request.on('error', () => undefined).resume();
        reject(problem);
      };
      const take = (chunk: Buffer) => {
        size += chunk.length;
        if (size > maxBytes) return refuse(tooLarge(maxBytes));
        if (!isTaken(chunk.length)) return refuse(overloaded());
        chunks.push(chunk);
      };
      const finish = () => {
        leave();
        resolve({ bytes: Buffer.concat(chunks, size), release });
      };
      const cut = () => refuse(new Problem('invalid-request', 'The body was cut.', { headers: closing }));
      const timer = setTimeout(() => refuse(tooSlow(patienceMs)), patienceMs);

      if (Number(request.headers['content-length'] ?? 0) > maxBytes) refuse(tooLarge(maxBytes));
      else if (!isTaken(costBytes)) refuse(overloaded());
      else request.on('data', take).on('end', finish).on('error', cut).on('close', cut);
      return promise;
    },
  };
}

function tooLarge(maxBytes: number): Problem {
  return new Problem('payload-too-large', `The body is larger than ${maxBytes} bytes.`, { headers: closing });
}

function tooSlow(patienceMs: number): Problem {
  const detail = `The body took more than ${patienceMs / 1000} seconds to arrive.`;
  return new Problem('request-timeout', detail, { headers: closing });
}

function overloaded(): Problem {
  return new Problem('overloaded', 'Too many webhooks arrive at once: deliver it again later.', {
    headers: { ...retryAfter, ...closing },
  });
}

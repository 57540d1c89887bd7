import type { IncomingMessage } from 'node:http';
import { Problem } from '../../errors.ts';

export type Body = {
  bytes: Buffer;
  /** Gives its room back; called once what the body asked for is done. */
  release(): void;
};

export type Bodies = {
  /**
   * Reads a body into memory.
   * @param maxBytes the most that this one may have
   * @throws Problem 413 `payload-too-large`; 503 `overloaded` when there is no room for it; 408 `request-timeout`; 400 when
   * it is cut
   */
  read(request: IncomingMessage, maxBytes: number): Promise<Body>;
};

export type BodyLimits = {
  /** The most bytes that all bodies may hold at a time, from their first byte to their release. */
  room: number;
  /** How long one may take to arrive, in milliseconds. */
  patienceMs: number;
};

// What a request holds beside its body: with it, many small ones are bounded as few large ones are.
const costBytes = 4096;
const retryAfter = { 'retry-after': '5' };
const closing = { connection: 'close' };

/**
 * Makes a reader of bodies that are needed whole. What has arrived counts, not what is announced: an announcement costs
 * nobody anything. What is too large, too slow or too much is refused, and nothing of it is kept.
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
        // The rest is let past, so that a client that still sends gets to read the answer.
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
  return new Problem('overloaded', 'More webhooks are under way than the service takes: deliver it again later.', {
    headers: { ...retryAfter, ...closing },
  });
}

import cors from '@fastify/cors';
import rateLimit from '@fastify/rate-limit';
import underPressure from '@fastify/under-pressure';
import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { Config } from '../config.ts';
import { Problem } from '../errors.ts';
import type { Caller } from '../platform/http/caller.ts';
import { addressKey } from '../platform/http/address-key.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Counts a request of somebody unknown by their address: whoever guesses keys or paths sends new ones each time. Asks
     * nothing but memory.
     * @throws Problem 429 when that address has made too many in a minute
     */
    limitStranger: (request: FastifyRequest) => Promise<void>;
  }
}

const minuteMs = 60_000;
const exposedHeaders = [
  'etag',
  'accept-ranges',
  'content-range',
  'location',
  'retry-after',
  'ratelimit-limit',
  'ratelimit-remaining',
  'ratelimit-reset',
  'idempotency-replayed',
  'x-request-id',
];

/**
 * What stands between the network and the routes: browser headers, origins, a limit by caller, and shedding of load.
 * A route opts out of the limit by `config: { rateLimit: false }`.
 */
export const protectionPlugin = fp(
  async (app) => {
    const { corsOrigins, overloadDelayMs, rateLimitPerMinute, rateLimitPerUserPerMinute } = app.config;
    const headers = browserHeaders(app.config);
    app.addHook('onRequest', (_request, reply, done) => {
      reply.headers(headers);
      done();
    });
    if (corsOrigins.length > 0) {
      await app.register(cors, {
        origin: corsOrigins,
        methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
        exposedHeaders,
        maxAge: 600,
      });
    }
    await app.register(underPressure, {
      maxEventLoopDelay: overloadDelayMs,
      retryAfter: 2,
      // A busy process is alive, and whoever restarted it would make things worse.
      pressureHandler: async (request, reply) => {
        if (request.routeOptions.config.rateLimit === false) return;
        reply.header('retry-after', '2');
        throw new Problem('overloaded', 'The service has more to do than it can: try again in 2 seconds.');
      },
    });
    await app.register(rateLimit, {
      max: (request) => (knownCaller(request)?.kind === 'user' ? rateLimitPerUserPerMinute : rateLimitPerMinute),
      timeWindow: minuteMs,
      enableDraftSpec: true,
      keyGenerator: callerOf,
      errorResponseBuilder: (_request, { max, ttl }) => tooMany(max, Math.ceil(ttl / 1000)),
    });
    const count = app.createRateLimit();
    app.decorate('limitStranger', async (request) => {
      const counted = await count(request);
      if (!counted.isAllowed && counted.isExceeded) throw tooMany(counted.max, counted.ttlInSeconds);
    });
  },
  { name: 'protection' },
);

/** Headers by which browsers run, frame and guess at nothing in an answer, and let pages of other origins have it only where they may. */
function browserHeaders({ publicUrl, corsOrigins }: Config): Record<string, string> {
  return {
    // Answers are data; the one page, /docs, brings a policy of its own.
    'content-security-policy': "default-src 'none';frame-ancestors 'none'",
    'cross-origin-resource-policy': corsOrigins.length > 0 ? 'cross-origin' : 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    ...(publicUrl.startsWith('https:') && { 'strict-transport-security': 'max-age=31536000' }),
  };
}

function tooMany(max: number, seconds: number): Problem {
  return new Problem(
    'rate-limited',
    `No more than ${max} requests a minute are taken from one caller: try again in ${seconds} seconds.`,
    { headers: { 'retry-after': String(seconds) } },
  );
}

// Outside the authenticated scope nobody knows the caller yet, and whatever a stranger writes is another value each time.
function callerOf(request: FastifyRequest): string {
  return knownCaller(request)?.identity ?? addressKey(request);
}

function knownCaller({ caller }: { caller?: Caller }): Caller | undefined {
  return caller;
}

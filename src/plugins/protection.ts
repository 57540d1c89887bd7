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
     * Counts a request without valid credentials against its client address, in memory.
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
 * Browser headers, CORS, rate limits and load shedding. A route is exempt from the limit by `config: { rateLimit: false
 * }`.
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
      // A busy process is alive, and a restart would add to the load.
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

/**
 * Headers that keep browsers from running, framing or sniffing responses, and other origins from reading them unless
 * allowed.
 */
function browserHeaders({ publicUrl, corsOrigins }: Config): Record<string, string> {
  return {
    // Responses are data; only /docs has a policy of its own.
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

// Outside the authenticated scope the caller is unknown, and credentials can be invented for each request.
function callerOf(request: FastifyRequest): string {
  return knownCaller(request)?.identity ?? addressKey(request);
}

function knownCaller({ caller }: { caller?: Caller }): Caller | undefined {
  return caller;
}

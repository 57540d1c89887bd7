import { Gauge } from 'prom-client';
import { Problem } from '../../errors.ts';
import { answers } from '../../platform/http/answers.ts';
import { type Caller, hasScope, reachOf } from '../../platform/http/caller.ts';
import type { RouteScope } from '../../platform/http/route-scope.ts';
import { StreamHeaders, StreamQuery } from './schemas.ts';
import { createEventStream } from './stream.ts';
import { createTail } from './tail.ts';

const scope = 'events:read';

/** GET /v1/events/stream. All streams of the process share one reader of the log. */
export function streamRoute(app: RouteScope): void {
  const tail = createTail(app, app.config.training.checkIntervalMs);
  const gauge = new Gauge({
    name: 'likeness_event_streams',
    help: 'Open event streams.',
    registers: [app.metrics],
  });
  let open = 0;
  const openOf = new Map<string, number>();
  function count({ identity }: Caller, change: 1 | -1): void {
    gauge.set((open += change));
    const own = (openOf.get(identity) ?? 0) + change;
    if (own > 0) openOf.set(identity, own);
    else openOf.delete(identity);
  }
  // The server waits for open responses when it closes, and streams end only when told.
  app.addHook('preClose', async () => tail.close());

  async function isStillAllowed(caller: Caller, authorization: string | undefined): Promise<boolean> {
    try {
      const now = await app.authenticate(authorization);
      return now.id === caller.id && hasScope(now, scope);
    } catch (error) {
      if (error instanceof Problem) return false;
      throw error;
    }
  }

  /** @throws Problem 429 `too-many-streams` at the caller's limit, 503 `overloaded` at that of the process */
  function refuseBeyondRoom({ identity }: Caller): void {
    const { most, mostPerCaller } = app.config.streams;
    const headers = { 'retry-after': '5' };
    if ((openOf.get(identity) ?? 0) >= mostPerCaller) {
      const detail = `No more than ${mostPerCaller} streams are served to one caller: end one, or try again in 5 seconds.`;
      throw new Problem('too-many-streams', detail, { headers, extensions: { maximum: mostPerCaller } });
    }
    if (open < most) return;
    const detail = `No more than ${most} streams are served at once: try again in 5 seconds.`;
    throw new Problem('overloaded', detail, { headers });
  }

  app.get(
    '/v1/events/stream',
    {
      config: { scope },
      exposeHeadRoute: false,
      schema: {
        operationId: 'streamEvents',
        summary: 'Stream events',
        description:
          'Server-sent events: `id` is the sequence, `event` the type, `data` the event. Reconnect with the last `id` in ' +
          '`Last-Event-ID`, as EventSource does, and no event is missing or repeated. The stream of a reader that is too slow ' +
          'is ended; the reader may reconnect. A caller may have 20 streams at once on each instance, unless the operator sets another limit. The key goes into the header, never into the URL.',
        tags: ['events'],
        querystring: StreamQuery,
        headers: StreamHeaders,
        response: answers(
          {
            200: {
              description: 'A stream of events, with heartbeats while nothing happens.',
              content: { 'text/event-stream': { schema: { type: 'string' } } },
            },
          },
          ['overloaded', 'too-many-streams'],
        ),
      },
    },
    async (request, reply) => {
      const { caller, headers, query } = request;
      const { after, type, ...filter } = query;
      refuseBeyondRoom(caller);
      const last = headers['last-event-id'];
      const stream = createEventStream(app, tail, {
        after: last ? Number(last) : (after ?? null),
        filter: { ...filter, types: type },
        reach: reachOf(caller),
        isAllowed: () => isStillAllowed(caller, headers.authorization),
      });
      count(caller, 1);
      stream.once('close', () => count(caller, -1));
      return reply
        .type('text/event-stream')
        .header('cache-control', 'no-store')
        .header('x-accel-buffering', 'no')
        .send(stream);
    },
  );
}

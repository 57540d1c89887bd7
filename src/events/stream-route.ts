import { Gauge } from 'prom-client';
import { Problem } from '../errors.ts';
import { answers } from '../http/answers.ts';
import { type Caller, hasScope, reachOf } from '../http/caller.ts';
import type { RouteScope } from '../http/route-scope.ts';
import { StreamHeaders, StreamQuery } from './schemas.ts';
import { createEventStream } from './stream.ts';
import { createTail } from './tail.ts';

const scope = 'events:read';

/** GET /v1/events/stream: events as they happen. All streams of the process share one reader of the log. */
export function streamRoute(app: RouteScope): void {
  const tail = createTail(app, app.config.training.checkIntervalMs);
  const gauge = new Gauge({
    name: 'likeness_event_streams',
    help: 'Streams of events that are open.',
    registers: [app.metrics],
  });
  let open = 0;
  const count = (change: 1 | -1) => gauge.set((open += change));
  // Streams have no end of their own, and the server waits for every answer that it has begun.
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

  app.get(
    '/v1/events/stream',
    {
      config: { scope },
      exposeHeadRoute: false,
      schema: {
        operationId: 'streamEvents',
        summary: 'Follow events',
        description:
          'Server-sent events: `id` is the sequence, `event` the type, `data` the event. Come back with the last `id` in ' +
          '`Last-Event-ID`, as EventSource does by itself, and nothing is missing and nothing comes twice. A reader that ' +
          'is too slow is ended and may come back. The key goes into the header, never into the URL.',
        tags: ['events'],
        querystring: StreamQuery,
        headers: StreamHeaders,
        response: answers(
          {
            200: {
              description: 'Frames of events, with a heartbeat between them when nothing happens.',
              content: { 'text/event-stream': { schema: { type: 'string' } } },
            },
          },
          ['overloaded'],
        ),
      },
    },
    async (request, reply) => {
      const { caller, headers, query } = request;
      const { after, type, ...filter } = query;
      const most = app.config.streams.most;
      if (open >= most) {
        throw new Problem('overloaded', `No more than ${most} streams are served at once: try again in 5 seconds.`, {
          headers: { 'retry-after': '5' },
        });
      }
      const last = headers['last-event-id'];
      const stream = createEventStream(app, tail, {
        after: last === undefined ? (after ?? null) : Number(last),
        filter: { ...filter, types: type },
        reach: reachOf(caller),
        isAllowed: () => isStillAllowed(caller, headers.authorization),
      });
      count(1);
      stream.once('close', () => count(-1));
      return reply
        .type('text/event-stream')
        .header('cache-control', 'no-store')
        .header('x-accel-buffering', 'no')
        .send(stream);
    },
  );
}

import { answers } from '../http/answers.ts';
import { reachOf } from '../http/caller.ts';
import type { RouteScope } from '../http/route-scope.ts';
import { EventPage, EventQuery, eventView } from './schemas.ts';
import { findEventsAfter } from './store.ts';

/** GET /v1/events: what happened, in an order that never changes. */
export async function eventRoutes(app: RouteScope): Promise<void> {
  app.get(
    '/v1/events',
    {
      config: { scope: 'events:read' },
      schema: {
        operationId: 'listEvents',
        summary: 'List events',
        description:
          'Oldest first. Keep `next_after` and ask again: nothing is left out, not even an event whose transaction was slow.',
        tags: ['events'],
        querystring: EventQuery,
        response: answers({ 200: EventPage }),
      },
    },
    async (request) => {
      const { after, limit, type, ...filter } = request.query;
      const list = await findEventsAfter(app.db, after, { ...filter, types: type }, limit, reachOf(request.caller));
      return { data: list.map(eventView), next_after: list.at(-1)?.sequence ?? after };
    },
  );
}

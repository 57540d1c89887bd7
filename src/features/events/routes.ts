import { answers } from '../../platform/http/answers.ts';
import { reachOf } from '../../platform/http/caller.ts';
import type { RouteScope } from '../../platform/http/route-scope.ts';
import { EventPage, EventQuery, EventSchema, eventView } from './schemas.ts';
import { findEvents } from './store.ts';
import { streamRoute } from './stream-route.ts';

export async function eventRoutes(app: RouteScope): Promise<void> {
  app.addSchema(EventSchema);
  app.get(
    '/v1/events',
    {
      config: { scope: 'events:read' },
      // The schema describes each type to clients; serialisation does not need it.
      serializerCompiler: () => JSON.stringify,
      schema: {
        operationId: 'listEvents',
        summary: 'List events',
        description:
          'Oldest first. Keep `next_after` and pass it as `after` next time: no event is left out, even when its transaction was slow.',
        tags: ['events'],
        querystring: EventQuery,
        response: answers({ 200: EventPage }),
      },
    },
    async (request) => {
      const { after, limit, type, ...filter } = request.query;
      const list = await findEvents(app.db, { after, limit }, { ...filter, types: type }, reachOf(request.caller));
      return { data: list.map(eventView), next_after: list.at(-1)?.sequence ?? after };
    },
  );
  streamRoute(app);
}

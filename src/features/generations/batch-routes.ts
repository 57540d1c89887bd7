import { notFound } from '../../errors.ts';
import { answers } from '../../platform/http/answers.ts';
import { originOf, reachOf, refuseOwnPriority } from '../../platform/http/caller.ts';
import { etagOf, notModified } from '../../platform/http/etag.ts';
import type { RouteScope } from '../../platform/http/route-scope.ts';
import { IdParams } from '../../platform/http/schemas.ts';
import { success, unmodified } from '../../platform/http/success.ts';
import { idempotently } from '../../platform/idempotency/idempotency.ts';
import { packBodyLimit } from '../packs/schemas.ts';
import { sightOf } from '../packs/sight.ts';
import { BatchListQuery, BatchPage, BatchPlanSchema, BatchRequest, BatchSchema } from './batch-schemas.ts';
import { type Batch, findBatch, listBatches } from './batch-store.ts';
import { batchPlanView, batchViews } from './batch-view.ts';
import { cancelBatch } from './cancel-batch.ts';
import { requestFingerprint } from './fingerprint.ts';
import { wishesOf } from './pack.ts';
import { planBatch, startBatch } from './start-batch.ts';
import { startRefusals } from './refusals.ts';

const tags = ['batches'];
const read = { scope: 'avatars:read' } as const;
const write = { scope: 'generations:write', idempotent: true } as const;

export async function batchRoutes(app: RouteScope): Promise<void> {
  const viewOf = async (db: RouteScope['db'], batch: Batch) => {
    const [view] = await batchViews(db, [batch]);
    return view ?? notFound('batch');
  };

  app.post(
    '/v1/avatars/:id/batches',
    {
      bodyLimit: packBodyLimit,
      config: write,
      schema: {
        operationId: 'startBatch',
        summary: 'Start a batch of generations',
        description:
          'Starts a generation for each prompt of a pack or of a list: all of them or none. A dry run says what each would be, and one price. The body has up to 512 KB.',
        tags,
        params: IdParams,
        body: BatchRequest,
        response: answers({ 200: BatchPlanSchema, 202: success('The batch was started.', BatchSchema, ['Location']) }, [
          ...startRefusals,
        ]),
      },
    },
    (request, reply) =>
      idempotently(app, request, reply, async (unit) => {
        const { dry_run, ...body } = request.body;
        const { id } = request.params;
        refuseOwnPriority(request.caller, body);
        const wishes = await wishesOf(unit.db, body, sightOf(request.caller));
        if (dry_run) return batchPlanView(app.config, await planBatch(unit, id, wishes, reachOf(request.caller)));
        const repetition = {
          fingerprint: requestFingerprint(request.caller.identity, id, body),
          isKeyed: request.headers['idempotency-key'] !== undefined,
        };
        const context = { ...unit, config: app.config };
        const batch = await startBatch(context, id, wishes, repetition, originOf(request));
        reply.code(202).header('location', `/v1/batches/${batch.id}`);
        return viewOf(unit.db, batch);
      }),
  );

  app.get(
    '/v1/batches',
    {
      config: read,
      schema: {
        operationId: 'listBatches',
        summary: 'List batches',
        description: 'Newest first.',
        tags,
        querystring: BatchListQuery,
        response: answers({ 200: BatchPage }, ['invalid-cursor']),
      },
    },
    async ({ query, caller }) => {
      const { limit, cursor, include, ...filter } = query;
      const page = await listBatches(app, filter, { limit, cursor, include }, reachOf(caller));
      return { ...page, data: await batchViews(app.db, page.data) };
    },
  );

  app.get(
    '/v1/batches/:id',
    {
      config: read,
      schema: {
        operationId: 'getBatch',
        summary: 'Get a batch',
        description: 'With the number of its generations by status, its images and its cost.',
        tags,
        params: IdParams,
        response: answers({ 200: success('The batch.', BatchSchema, ['ETag']), ...unmodified }, ['not-found']),
      },
    },
    async (request, reply) => {
      const batch = (await findBatch(app.db, request.params.id, reachOf(request.caller))) ?? notFound('batch');
      const body = await viewOf(app.db, batch);
      reply.header('etag', etagOf(body));
      return notModified(request, reply) ? reply.send() : body;
    },
  );

  app.post(
    '/v1/batches/:id/cancel',
    {
      config: write,
      schema: {
        operationId: 'cancelBatch',
        summary: 'Cancel a batch',
        description:
          'Cancels the generations that have not ended: those that fal does not have yet end at once, free of charge; of the others fal decides.',
        tags,
        params: IdParams,
        response: answers({ 202: BatchSchema }, ['not-found', 'invalid-state']),
      },
    },
    (request, reply) =>
      idempotently(app, request, reply, async (unit) => {
        const context = { ...unit, config: app.config, jobs: app.jobs, log: app.log };
        const batch = await cancelBatch(context, request.params.id, originOf(request));
        reply.code(202);
        return viewOf(unit.db, batch);
      }),
  );
}

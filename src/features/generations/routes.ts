import { notFound } from '../../errors.ts';
import { answers } from '../../platform/http/answers.ts';
import { type Caller, originOf, reachOf, refuseOwnPriority } from '../../platform/http/caller.ts';
import { etagOf, notModified } from '../../platform/http/etag.ts';
import type { RouteScope } from '../../platform/http/route-scope.ts';
import { IdParams } from '../../platform/http/schemas.ts';
import { success, unmodified } from '../../platform/http/success.ts';
import { idempotently } from '../../platform/idempotency/idempotency.ts';
import { findAvatar } from '../avatars/store.ts';
import { sightOf } from '../packs/sight.ts';
import { requestFingerprint } from './fingerprint.ts';
import { listGenerations } from './list.ts';
import { acceptLateResult, requestCancel } from './machine.ts';
import { hiddenAmong, wishOf } from './pack.ts';
import { startRefusals } from './refusals.ts';
import { repeated } from './repeat.ts';
import {
  AvatarGenerationListQuery,
  GenerationListQuery,
  GenerationPage,
  GenerationPlanSchema,
  GenerationRequest,
  GenerationSchema,
  RepeatRequest,
} from './schemas.ts';
import { dryRun, startGeneration } from './start.ts';
import { findGeneration, type Generation } from './store.ts';
import { generationViews, planView } from './view.ts';

const tags = ['generations'];
const read = { scope: 'avatars:read' } as const;
const write = { scope: 'generations:write', idempotent: true } as const;

export async function generationRoutes(app: RouteScope): Promise<void> {
  const viewOf = async (db: RouteScope['db'], generation: Generation, caller: Caller) => {
    const [view] = await generationViews(db, [generation], sightOf(caller));
    return view ?? notFound('generation');
  };
  const viewsOf = async <P extends { data: Generation[] }>(page: P, caller: Caller) => ({
    ...page,
    data: await generationViews(app.db, page.data, sightOf(caller)),
  });

  app.post(
    '/v1/avatars/:id/generations',
    {
      config: write,
      schema: {
        operationId: 'startGeneration',
        summary: 'Start a generation',
        description:
          'Checks prompt and settings and queues one paid job of one to four images. Without an Idempotency-Key, an equal request within 30 seconds is refused while the first one runs.',
        tags,
        params: IdParams,
        body: GenerationRequest,
        response: answers({ 200: GenerationPlanSchema, 202: GenerationSchema }, [...startRefusals]),
      },
    },
    (request, reply) =>
      idempotently(app, request, reply, async (unit) => {
        const { dry_run, ...body } = request.body;
        const { id } = request.params;
        refuseOwnPriority(request.caller, body);
        const { asked, source } = await wishOf(unit.db, body, sightOf(request.caller));
        if (dry_run) {
          const plan = await dryRun(unit, id, asked, reachOf(request.caller));
          return planView(app.config, plan, source, { isHidden: false });
        }
        const repetition = {
          fingerprint: requestFingerprint(request.caller.identity, id, body),
          isKeyed: request.headers['idempotency-key'] !== undefined,
        };
        const generation = await startGeneration(
          { ...unit, config: app.config },
          id,
          asked,
          repetition,
          originOf(request),
          source,
        );
        reply.code(202).header('location', `/v1/generations/${generation.id}`);
        return viewOf(unit.db, generation, request.caller);
      }),
  );

  app.get(
    '/v1/avatars/:id/generations',
    {
      config: read,
      schema: {
        operationId: 'listAvatarGenerations',
        summary: 'List the generations of an avatar',
        description: 'Newest first.',
        tags,
        params: IdParams,
        querystring: AvatarGenerationListQuery,
        response: answers({ 200: GenerationPage }, ['invalid-cursor', 'not-found']),
      },
    },
    async (request) => {
      const avatar = (await findAvatar(app.db, request.params.id, reachOf(request.caller))) ?? notFound('avatar');
      const { limit, cursor, include, ...filter } = request.query;
      return viewsOf(
        await listGenerations(app, { ...filter, avatar_id: avatar.id }, { limit, cursor, include }),
        request.caller,
      );
    },
  );

  app.get(
    '/v1/generations',
    {
      config: read,
      schema: {
        operationId: 'listGenerations',
        summary: 'List generations',
        description: 'Newest first; those whose prompt and images were deleted are left out unless `erased` is true.',
        tags,
        querystring: GenerationListQuery,
        response: answers({ 200: GenerationPage }, ['invalid-cursor']),
      },
    },
    async (request) => {
      const { limit, cursor, include, ...filter } = request.query;
      return viewsOf(
        await listGenerations(app, filter, { limit, cursor, include }, reachOf(request.caller)),
        request.caller,
      );
    },
  );

  app.get(
    '/v1/generations/:id',
    {
      config: read,
      schema: {
        operationId: 'getGeneration',
        summary: 'Get a generation',
        description: 'With `If-None-Match`, answers 304 when the generation still has the version that the ETag names.',
        tags,
        params: IdParams,
        response: answers({ 200: success('The generation.', GenerationSchema, ['ETag']), ...unmodified }, [
          'not-found',
        ]),
      },
    },
    async (request, reply) => {
      const reach = reachOf(request.caller);
      const generation = (await findGeneration(app.db, request.params.id, reach)) ?? notFound('generation');
      const body = await viewOf(app.db, generation, request.caller);
      reply.header('etag', etagOf(body));
      return notModified(request, reply) ? reply.send() : body;
    },
  );

  app.post(
    '/v1/generations/:id/cancel',
    {
      config: write,
      schema: {
        operationId: 'cancelGeneration',
        summary: 'Cancel a generation',
        description:
          'Before submission the generation ends at once, free of charge. After submission fal decides, and images that still come are kept.',
        tags,
        params: IdParams,
        response: answers({ 202: GenerationSchema }, ['not-found', 'invalid-state']),
      },
    },
    (request, reply) =>
      idempotently(app, request, reply, async (unit) => {
        const context = { ...unit, config: app.config, jobs: app.jobs, log: app.log };
        reply.code(202);
        return viewOf(unit.db, await requestCancel(context, request.params.id, originOf(request)), request.caller);
      }),
  );

  app.post(
    '/v1/generations/:id/repeat',
    {
      config: write,
      schema: {
        operationId: 'repeatGeneration',
        summary: 'Repeat a generation',
        description:
          'Starts a generation with the prompt and settings of another one, with what the body changes. The seed is a new one unless it says `same`.',
        tags,
        params: IdParams,
        body: RepeatRequest,
        response: answers({ 200: GenerationPlanSchema, 202: GenerationSchema }, [...startRefusals, 'invalid-state']),
      },
    },
    (request, reply) =>
      idempotently(app, request, reply, async (unit) => {
        const { dry_run, ...changes } = request.body;
        const origin = originOf(request);
        refuseOwnPriority(request.caller, changes);
        const former = (await findGeneration(unit.db, request.params.id, origin)) ?? notFound('generation');
        const { avatarId, ...asked } = repeated(former, changes);
        const { pack, pack_item } = former;
        if (dry_run) {
          const plan = await dryRun(unit, avatarId, asked, reachOf(request.caller));
          const isHidden = (await hiddenAmong(unit.db, [former], sightOf(request.caller))).has(former.id);
          return planView(app.config, plan, { pack, pack_item }, { isHidden });
        }
        const body = { repeat_of: former.id, ...changes };
        const repetition = {
          fingerprint: requestFingerprint(request.caller.identity, avatarId, body),
          isKeyed: request.headers['idempotency-key'] !== undefined,
        };
        const generation = await startGeneration({ ...unit, config: app.config }, avatarId, asked, repetition, origin, {
          repeat_of: former.id,
          pack,
          pack_item,
        });
        reply.code(202).header('location', `/v1/generations/${generation.id}`);
        return viewOf(unit.db, generation, request.caller);
      }),
  );

  app.post(
    '/v1/generations/:id/accept-late-result',
    {
      config: write,
      schema: {
        operationId: 'acceptLateImages',
        summary: 'Accept images that came too late',
        description: 'For a generation that failed or was cancelled and was finished by fal nevertheless.',
        tags,
        params: IdParams,
        response: answers({ 200: GenerationSchema }, ['not-found', 'invalid-state']),
      },
    },
    (request, reply) =>
      idempotently(app, request, reply, async (unit) => {
        const context = { ...unit, config: app.config, jobs: app.jobs, log: app.log };
        return viewOf(unit.db, await acceptLateResult(context, request.params.id, originOf(request)), request.caller);
      }),
  );
}

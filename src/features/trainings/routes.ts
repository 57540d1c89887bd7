import { findAvatar } from '../avatars/store.ts';
import { notFound } from '../../errors.ts';
import { answers } from '../../platform/http/answers.ts';
import { originOf, reachOf, refuseOwnPriority } from '../../platform/http/caller.ts';
import { idempotently } from '../../platform/idempotency/idempotency.ts';
import type { RouteScope } from '../../platform/http/route-scope.ts';
import { IdParams } from '../../platform/http/schemas.ts';
import { acceptLateResult, requestCancel } from './machine.ts';
import { isTerminal } from '../../fal-jobs/lifecycle.ts';
import { listTrainings } from './list.ts';
import {
  AvatarTrainingListQuery,
  LogsQuery,
  LogsSchema,
  TrainingListQuery,
  TrainingPage,
  TrainingPlanSchema,
  TrainingRequest,
  TrainingSchema,
} from './schemas.ts';
import { dryRun, retryTraining, startTraining } from './start.ts';
import { findTraining } from './store.ts';
import { planView, trainingView } from './view.ts';

const tags = ['trainings'];
const read = { scope: 'avatars:read' } as const;
const write = { scope: 'trainings:write', idempotent: true } as const;

export async function trainingRoutes(app: RouteScope): Promise<void> {
  app.post(
    '/v1/avatars/:id/trainings',
    {
      config: write,
      schema: {
        operationId: 'startTraining',
        summary: 'Start a training',
        description: 'Checks photos and settings and queues the training. fal charges when the artifact is made.',
        tags,
        params: IdParams,
        body: TrainingRequest,
        response: answers({ 200: TrainingPlanSchema, 202: TrainingSchema }, [
          'not-found',
          'training-running',
          'too-few-photos',
          'too-many-photos',
          'invalid-setting',
          'trainer-retired',
          'queue-full',
          'submission-limit-reached',
          'key-needed',
        ]),
      },
    },
    (request, reply) =>
      idempotently(app, request, reply, async (unit) => {
        const { dry_run, ...asked } = request.body;
        const { id } = request.params;
        refuseOwnPriority(request.caller, asked);
        if (dry_run) return planView(app.config, await dryRun(unit, id, asked, reachOf(request.caller)));
        const origin = originOf(request);
        const training = await startTraining({ ...unit, config: app.config }, id, asked, origin);
        reply.code(202).header('location', `/v1/trainings/${training.id}`);
        return trainingView(training);
      }),
  );

  app.get(
    '/v1/avatars/:id/trainings',
    {
      config: read,
      schema: {
        operationId: 'listAvatarTrainings',
        summary: 'List the trainings of an avatar',
        description: 'Newest attempt first.',
        tags,
        params: IdParams,
        querystring: AvatarTrainingListQuery,
        response: answers({ 200: TrainingPage }, ['invalid-cursor', 'not-found']),
      },
    },
    async (request) => {
      const avatar = (await findAvatar(app.db, request.params.id, reachOf(request.caller))) ?? notFound('avatar');
      const page = await listTrainings(app, { avatar_id: avatar.id }, request.query);
      return { ...page, data: page.data.map(trainingView) };
    },
  );

  app.get(
    '/v1/trainings',
    {
      config: read,
      schema: {
        operationId: 'listTrainings',
        summary: 'List trainings',
        description: 'Newest first.',
        tags,
        querystring: TrainingListQuery,
        response: answers({ 200: TrainingPage }, ['invalid-cursor']),
      },
    },
    async (request) => {
      const { limit, cursor, include, ...filter } = request.query;
      const page = await listTrainings(app, filter, { limit, cursor, include }, reachOf(request.caller));
      return { ...page, data: page.data.map(trainingView) };
    },
  );

  app.get(
    '/v1/trainings/:id',
    {
      config: read,
      schema: {
        operationId: 'getTraining',
        summary: 'Get a training',
        tags,
        params: IdParams,
        response: answers({ 200: TrainingSchema }, ['not-found']),
      },
    },
    async (request) =>
      trainingView((await findTraining(app.db, request.params.id, reachOf(request.caller))) ?? notFound('training')),
  );

  app.get(
    '/v1/trainings/:id/logs',
    {
      config: read,
      schema: {
        operationId: 'listTrainingLogs',
        summary: 'Get the log of a training',
        description: 'Log lines by cursor: request again with `next_after` while the training runs.',
        tags,
        params: IdParams,
        querystring: LogsQuery,
        response: answers({ 200: LogsSchema }, ['not-found']),
      },
    },
    async (request) => {
      const training = (await findTraining(app.db, request.params.id, reachOf(request.caller))) ?? notFound('training');
      const { after, limit } = request.query;
      const data = training.logs
        .slice(after, after + limit)
        .map((line, offset) => ({ index: after + offset, ...line }));
      const next_after = after + data.length;
      return { data, next_after, is_complete: isTerminal(training.status) && next_after >= training.logs.length };
    },
  );

  app.post(
    '/v1/trainings/:id/cancel',
    {
      config: write,
      schema: {
        operationId: 'cancelTraining',
        summary: 'Cancel a training',
        description:
          'Before submission the training ends at once, free of charge. After submission fal decides, and a result that still comes is kept.',
        tags,
        params: IdParams,
        response: answers({ 202: TrainingSchema }, ['not-found', 'invalid-state']),
      },
    },
    (request, reply) =>
      idempotently(app, request, reply, async (unit) => {
        const origin = originOf(request);
        reply.code(202);
        return trainingView(
          await requestCancel({ ...unit, config: app.config, jobs: app.jobs, log: app.log }, request.params.id, origin),
        );
      }),
  );

  app.post(
    '/v1/trainings/:id/retry',
    {
      config: write,
      schema: {
        operationId: 'retryTraining',
        summary: 'Retry a training that failed or was cancelled',
        description: 'Starts a new attempt with the settings and photos of the old one.',
        tags,
        params: IdParams,
        response: answers({ 202: TrainingSchema }, [
          'not-found',
          'invalid-state',
          'training-running',
          'photos-changed',
          'invalid-setting',
          'trainer-retired',
          'queue-full',
          'submission-limit-reached',
        ]),
      },
    },
    (request, reply) =>
      idempotently(app, request, reply, async (unit) => {
        const reach = reachOf(request.caller);
        const training = (await findTraining(unit.db, request.params.id, reach)) ?? notFound('training');
        const retry = await retryTraining({ ...unit, config: app.config }, training, {
          ...reach,
          requestId: request.id,
        });
        reply.code(202).header('location', `/v1/trainings/${retry.id}`);
        return trainingView(retry);
      }),
  );

  app.post(
    '/v1/trainings/:id/accept-late-result',
    {
      config: write,
      schema: {
        operationId: 'acceptLateResult',
        summary: 'Accept a result that came too late',
        description: 'For a training that failed or was cancelled and was finished by fal nevertheless.',
        tags,
        params: IdParams,
        response: answers({ 200: TrainingSchema }, ['not-found', 'invalid-state']),
      },
    },
    (request, reply) =>
      idempotently(app, request, reply, async (unit) => {
        const origin = originOf(request);
        return trainingView(
          await acceptLateResult(
            { ...unit, config: app.config, jobs: app.jobs, log: app.log },
            request.params.id,
            origin,
          ),
        );
      }),
  );
}

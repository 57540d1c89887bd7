import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { avatarRoutes } from './features/avatars/routes.ts';
import type { Config } from './config.ts';
import { registerDeliveryMetrics } from './features/webhooks/metrics.ts';
import { endpointRoutes } from './features/webhooks/routes.ts';
import type { Fal } from './fal/fal.ts';
import { registerEventMetrics } from './features/events/metrics.ts';
import { erasureRoutes } from './features/erasure/routes.ts';
import { eventRoutes } from './features/events/routes.ts';
import type { RouteScope } from './platform/http/route-scope.ts';
import { ProblemSchema } from './platform/http/schemas.ts';
import { serverOptions } from './platform/http/server.ts';
import { jobList } from './job-list.ts';
import { endsWithin } from './platform/async/timeout.ts';
import { registerJobMetrics } from './platform/jobs/metrics.ts';
import { keyRoutes } from './features/keys/routes.ts';
import { imageFileRoutes, signedImageRoutes } from './features/images/file-routes.ts';
import { previewRoutes } from './features/images/preview-routes.ts';
import { imageRoutes } from './features/images/routes.ts';
import { photoBytesCounter } from './features/photos/metrics.ts';
import { photoRoutes } from './features/photos/routes.ts';
import { authenticatedScope } from './plugins/authentication.ts';
import { databasePlugin } from './plugins/database.ts';
import { docsPlugin } from './plugins/docs.ts';
import { falPlugin } from './plugins/fal.ts';
import { healthPlugin } from './plugins/health.ts';
import { installationPlugin } from './plugins/installation.ts';
import { jobsPlugin } from './plugins/jobs.ts';
import { metricsPlugin } from './plugins/metrics.ts';
import { openapiPlugin } from './plugins/openapi.ts';
import { badRequestHandler, problemsPlugin } from './plugins/problems.ts';
import { protectionPlugin } from './plugins/protection.ts';
import { requestsPlugin } from './plugins/requests.ts';
import { scratchPlugin } from './plugins/scratch.ts';
import { storagePlugin } from './plugins/storage.ts';
import { tracesPlugin } from './plugins/traces.ts';
import { registerGenerationMetrics } from './features/generations/metrics.ts';
import { batchRoutes } from './features/generations/batch-routes.ts';
import { generationRoutes } from './features/generations/routes.ts';
import { modelRoutes } from './features/models/routes.ts';
import { packRoutes } from './features/packs/routes.ts';
import { trainerRoutes } from './features/trainers/routes.ts';
import { signedLoraRoutes } from './features/loras/routes.ts';
import { artifactRoutes, signedArtifactRoutes } from './features/trainings/artifact-routes.ts';
import { notDeletedCounter } from './platform/storage/delete-objects.ts';
import { registerTrainingMetrics } from './features/trainings/metrics.ts';
import { trainingRoutes } from './features/trainings/routes.ts';
import { userRoutes } from './features/users/routes.ts';
import { registerInboxMetrics } from './features/inbox/metrics.ts';
import { falWebhookRoutes } from './features/inbox/routes.ts';

// Limit for the clean-up of a failed start; the process ends then.
const closingPatienceMs = 2500;

export type App = FastifyInstance;
export type Role = 'api' | 'worker' | 'all';

/** Replacements for tests. */
export type Overrides = { log?: FastifyBaseLogger; fal?: Fal; role?: Role };

/**
 * Builds the app from plugins and features. It neither listens nor catches signals; `close()` ends everything. A worker
 * serves only health and metrics.
 * @throws BootError when database, object store and settings are inconsistent
 */
export async function buildApp(config: Config, { log, fal, role = 'all' }: Overrides = {}): Promise<App> {
  const app = Fastify({
    ...serverOptions,
    // Forwarding headers count only from proxies that the operator names.
    trustProxy: config.trustedProxies.length > 0 && config.trustedProxies,
    ...(log && { loggerInstance: log }),
    frameworkErrors: badRequestHandler,
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.decorate('config', config);
  app.addSchema(ProblemSchema);
  try {
    await app.register(tracesPlugin);
    await app.register(requestsPlugin);
    await app.register(protectionPlugin);
    await app.register(problemsPlugin);
    await app.register(openapiPlugin);
    await app.register(databasePlugin);
    await app.register(storagePlugin);
    await app.register(scratchPlugin);
    await app.register(installationPlugin);
    await app.register(falPlugin, { fal });
    await app.register(metricsPlugin);
    registerTrainingMetrics(app);
    registerGenerationMetrics(app);
    registerInboxMetrics(app);
    registerEventMetrics(app);
    registerDeliveryMetrics(app);
    photoBytesCounter(app.metrics);
    notDeletedCounter(app.metrics);
    registerJobMetrics(app, jobList);
    await app.register(healthPlugin, { worker: role !== 'api' });
    await app.register(jobsPlugin, { list: jobList, worker: role !== 'api' });
    if (role !== 'worker') {
      await app.register(docsPlugin);
      await app.register(falWebhookRoutes);
      await app.register(signedArtifactRoutes);
      await app.register(signedLoraRoutes);
      await app.register(signedImageRoutes);
      await authenticatedScope(app, registerFeatures);
    }
    return app;
  } catch (error) {
    await endsWithin(
      closingPatienceMs,
      app.close().catch(() => undefined),
    );
    throw error;
  }
}

/** Routes that need credentials. */
async function registerFeatures(scope: RouteScope): Promise<void> {
  await scope.register(userRoutes);
  await scope.register(avatarRoutes);
  await scope.register(photoRoutes);
  await scope.register(trainerRoutes);
  await scope.register(modelRoutes);
  await scope.register(packRoutes);
  await scope.register(trainingRoutes);
  await scope.register(artifactRoutes);
  await scope.register(generationRoutes);
  await scope.register(imageRoutes);
  await scope.register(imageFileRoutes);
  await scope.register(previewRoutes);
  await scope.register(batchRoutes);
  await scope.register(eventRoutes);
  await scope.register(endpointRoutes);
  await scope.register(keyRoutes);
  await scope.register(erasureRoutes);
}

import helmet from '@fastify/helmet';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { Config } from './config.ts';
import type { Fal } from './fal/client.ts';
import { ProblemSchema } from './http/schemas.ts';
import { buildValidator } from './http/validator.ts';
import { jobList } from './job-list.ts';
import { databasePlugin } from './plugins/database.ts';
import { installationPlugin } from './plugins/installation.ts';
import { jobsPlugin } from './plugins/jobs.ts';
import { problemsPlugin } from './plugins/problems.ts';

export type App = FastifyInstance;
export type Role = 'api' | 'worker' | 'all';

/** What a test puts in the place of a real part. */
export type Overrides = { log?: FastifyBaseLogger; fal?: Fal; role?: Role };

/**
 * Builds the app: plugins in order, features in order. It neither listens nor catches signals; `close()` ends it all.
 * @param config made by config.ts
 * @throws BootError when database, object store and settings don't fit together
 */
export async function buildApp(config: Config, overrides: Overrides = {}): Promise<App> {
  const role = overrides.role ?? 'all';
  const app = Fastify({
    loggerInstance: overrides.log,
    schemaController: { compilersFactory: { buildValidator } },
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.decorate('config', config);
  app.addSchema(ProblemSchema);
  await app.register(problemsPlugin);
  await app.register(helmet);
  await app.register(databasePlugin);
  await app.register(installationPlugin);
  await app.register(jobsPlugin, { list: jobList, worker: role !== 'api' });
  return app;
}

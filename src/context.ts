import type { FastifyBaseLogger } from 'fastify';
import type { Pool } from 'pg';
import type { Registry } from 'prom-client';
import type { Config } from './config.ts';
import type { Database } from './platform/db/client.ts';
import type { Fal } from './fal/fal.ts';
import type { KeySet } from './fal/key-set.ts';
import type { Jobs } from './platform/jobs/jobs.ts';
import type { Wakeups } from './platform/jobs/wakeups.ts';
import type { Installation } from './platform/installation/installation.ts';
import type { Sampler } from './platform/metrics/sampler.ts';
import type { Storage } from './platform/storage/storage.ts';

/**
 * What use cases and jobs get parts of: `({ db, log }: Pick<Context, 'db' | 'log'>, …)`. The Fastify instance is one,
 * and so is a literal in a test.
 */
export type Context = {
  config: Config;
  pool: Pool;
  db: Database;
  fal: Fal;
  signingKeys: KeySet;
  storage: Storage;
  wakeups: Wakeups;
  jobs: Jobs;
  installation: Installation;
  metrics: Registry;
  sampler: Sampler;
  log: FastifyBaseLogger;
};

declare module 'fastify' {
  interface FastifyInstance extends Omit<Context, 'log'> {}
}

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type pg from 'pg';
import { request } from 'undici';
import type { Role } from '../../src/app.ts';
import { createDatabase, type Database } from '../../src/platform/db/client.ts';
import { createKey } from '../../src/features/keys/create-key.ts';
import { arrangeAvatars, arrangePhotos, arrangeTrained, type Photo } from './arrange.ts';
import { type Client, createClient } from './calls.ts';
import { type Cluster, empty, startCluster } from './cluster.ts';
import type { House } from './house.ts';
import { stablePort } from './ports.ts';
import { type Running, startProcess } from './process.ts';
import { type Sandbox, startSandbox } from './sandbox.ts';
import { until } from './until.ts';

export type GroundOptions = {
  /** The name of database and folder. */
  name: string;
  /** Sandbox seconds per real second. */
  speed: number;
  sandbox?: Record<string, unknown>;
  environment?: Record<string, string>;
  /** A separate PostgreSQL server, for scenarios that kill it. */
  ownCluster?: boolean;
  /**
   * A process of another checkout (path of its bin/likeness.js), which migrates an empty database and starts before
   * this checkout migrates.
   */
  earlier?: { command: string; role: Role };
};

export type Service = Running & { url: string };

/** Overrides for one process; `program` is the bin/likeness.js of another checkout. */
export type Start = { port?: number; environment?: Record<string, string>; program?: string };

/** What an experiment stands on: a database, an object store and a sandbox of its own, and processes of the service. */
export type Ground = {
  name: string;
  /** The folder of logs and files. */
  folder: string;
  sandbox: Sandbox;
  cluster: Cluster;
  /** Settings of the service's processes, except PORT. */
  environment: Record<string, string>;
  pool: pg.Pool;
  db: Database;
  /** The first API process, which receives fal's webhooks and the client's requests. */
  url: string;
  client: Client;
  key: string;
  /** Starts a process of the service and waits until it is ready; the first API gets the public address. */
  start(role: Role, options?: Start): Promise<Service>;
  /** Runs a command. @returns its exit code */
  command(args: string[]): Promise<number | string>;
  avatars(count: number): Promise<string[]>;
  /** Avatars with a training that has succeeded. */
  trainedAvatars(count: number): Promise<string[]>;
  /** The secret that signs tokens, created at the first boot. */
  secret(): Promise<Buffer>;
  close(): Promise<void>;
};

// A busy machine starts processes slowly.
const readyTimeoutMs = 300_000;
// A connection attempt costs as much as ten requests.
const readyLookMs = 200;
const command = join(import.meta.dirname, '../../bin/likeness.js');

/** Common settings: real intervals scaled by the sandbox's speed, without limits on requests. */
const always = {
  FAL_MODE: 'sandbox',
  LOG_LEVEL: 'warn',
  RATE_LIMIT_PER_MINUTE: '100000000',
  MAX_QUEUED_TRAININGS: '100000',
  MAX_QUEUED_GENERATIONS: '100000',
  DATABASE_POOL_MAX: '8',
};

/** Makes the ground of an experiment. */
export async function openGround(house: House, options: GroundOptions): Promise<Ground> {
  const { guard } = house;
  const folder = join(house.folder, options.name);
  await mkdir(folder, { recursive: true });
  const ends = new AsyncDisposableStack();
  const cluster = options.ownCluster ? await startCluster(guard, folder) : house.cluster;
  const databaseUrl = await cluster.makeDatabase(options.name, { ...(options.earlier && { template: empty }) });
  // Connections break when a scenario kills the server, and are then replaced.
  const { pool, db, close } = createDatabase(databaseUrl, { max: 6, applicationName: 'lab' });
  ends.defer(close);
  const sandbox = await startSandbox(guard, folder, { speed: options.speed, settings: options.sandbox ?? {} });
  ends.defer(sandbox.stop);
  const publicPort = await stablePort();
  const url = `http://127.0.0.1:${publicPort}`;
  const storageUrl = pathToFileURL(join(folder, 'storage')).href;
  const environment = {
    ...always,
    DATABASE_URL: databaseUrl,
    STORAGE_URL: storageUrl,
    PUBLIC_URL: url,
    FAL_BASE_URL: sandbox.url,
    // Temporary files of killed workers are removed with the ground.
    TMPDIR: folder,
    ...options.environment,
    ...house.environment,
  };
  const running = new Set<Running>();
  ends.defer(async () => void (await Promise.all([...running].map((one) => one.kill()))));

  let photos: Photo[] | null = null;
  let isPublicTaken = false;

  async function start(
    role: Role,
    { port: given, environment: more = {}, program = command }: Start = {},
  ): Promise<Service> {
    const port = given ?? (role === 'worker' || isPublicTaken ? await stablePort() : publicPort);
    if (port === publicPort) isPublicTaken = true;
    const service = startProcess(guard, {
      name: role,
      args: [program, 'serve', '--role', role],
      environment: { ...environment, PORT: String(port), ...more },
      logFile: join(folder, `${role}-${port}.log`),
    });
    running.add(service);
    void service.ended.then(() => running.delete(service));
    await ready(service, `http://127.0.0.1:${port}`);
    return { ...service, url: `http://127.0.0.1:${port}` };
  }

  async function avatars(count: number): Promise<string[]> {
    photos ??= await arrangePhotos(storageUrl);
    return arrangeAvatars(pool, photos, count);
  }

  function execute(program: string, args: string[]): Promise<number | string> {
    const logFile = join(folder, 'commands.log');
    return startProcess(guard, { name: args.join(' '), args: [program, ...args], environment, logFile }).ended;
  }

  if (options.earlier) {
    await execute(options.earlier.command, ['db', 'migrate']);
    await start(options.earlier.role, { program: options.earlier.command });
    const code = await execute(command, ['db', 'migrate']);
    if (code !== 0)
      throw new Error(`db migrate of this checkout ended with ${code} over the database of the one before`);
  }
  const { key } = await createKey({ db }, { name: 'lab', scopes: ['admin'] });
  const client = createClient(url, key);
  ends.defer(client.close);
  return {
    name: options.name,
    folder,
    sandbox,
    cluster,
    environment,
    pool,
    db,
    url,
    client,
    key,
    start,
    command: (args) => execute(command, args),
    avatars,
    async trainedAvatars(count) {
      const ids = await avatars(count);
      await arrangeTrained(pool, storageUrl, ids);
      return ids;
    },
    async secret() {
      const { rows } = await pool.query<{ secret: Buffer }>('select secret from installation');
      if (!rows[0]) throw new Error('the service has not booted yet');
      return rows[0].secret;
    },
    close: () => ends.disposeAsync(),
  };
}

/** The distribution of the service over processes. */
export type Crew = {
  /** API and workers in separate processes; else each process is both, which a busy machine starts faster. */
  split: boolean;
  workers?: number;
  /** The first has the public address. */
  apis?: number;
};

/** Starts the processes of a crew. @returns those that run jobs */
export async function startCrew(ground: Ground, { split, workers = 1, apis = 1 }: Crew): Promise<Service[]> {
  const start = (count: number, role: Role) => Promise.all(Array.from({ length: count }, () => ground.start(role)));
  if (!split) return start(workers, 'all');
  const [, crew] = await Promise.all([start(apis, 'api'), start(workers, 'worker')]);
  return crew;
}

/** Replaces an ended process, with its role and port. */
export function startAgain(ground: Ground, { name, url }: Service): Promise<Service> {
  const role = name === 'api' || name === 'worker' ? name : 'all';
  return ground.start(role, { port: Number(new URL(url).port) });
}

async function ready(service: Running, url: string): Promise<void> {
  await until(
    `the ${service.name} to be ready`,
    async () => {
      if (!service.isAlive()) throw new Error(`the ${service.name} ended at its start: ${await service.ended}`);
      // It listens once its database is current; /readyz would read the whole schema.
      const answer = await request(`${url}/livez`).catch(() => null);
      await answer?.body.dump();
      return answer?.statusCode === 200;
    },
    { timeoutMs: readyTimeoutMs, everyMs: readyLookMs },
  );
}

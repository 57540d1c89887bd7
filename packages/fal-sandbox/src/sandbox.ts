import type { FastifyInstance } from 'fastify';
import type { Clock } from './clock.ts';
import type { Faults, FaultRule } from './faults.ts';
import type { Files } from './files.ts';
import type { Loras } from './loras.ts';
import type { Queue } from './queue.ts';
import type { Settings } from './settings.ts';
import type { SigningKeys } from './signing.ts';
import type { Submissions } from './submissions.ts';
import type { Webhooks } from './webhooks.ts';

export interface SandboxOptions {
  /** The required `id:secret`; default: any key. */
  key?: string;
  /** The fal user that signs webhooks. */
  userId?: string;
  /** Sandbox seconds per real second, default 1; 0 stops until `clock.advance`. */
  speed?: number;
  /** Delivers webhooks to loopback and private addresses too, which fal drops. */
  allowPrivateWebhooks?: boolean;
  /**
   * The folder of uploads, jobs and signing keys, which a restart continues; default: a temporary folder, removed at
   * the end.
   */
  dataDir?: string;
  settings?: Partial<Settings>;
  faults?: readonly FaultRule[];
  /** Real milliseconds that `clock.advance` waits for a webhook receiver; default 2000. */
  patienceMs?: number;
  /** Receives errors of the sandbox itself; default: printed to stderr. */
  onError?: (error: unknown) => void;
}

/** fal.ai over HTTP, with a handle for tests in the same process. */
export interface Sandbox {
  app: FastifyInstance;
  /** Default host 127.0.0.1. @returns the address, `http://127.0.0.1:PORT` */
  listen(options?: { port?: number; host?: string }): Promise<string>;
  /** @throws before `listen` */
  url(): string;
  /** A `fetch` that sends requests for fal's hosts to this sandbox. */
  fetch: typeof fetch;
  /** The fal user that webhooks are signed for. */
  userId: string;
  clock: Clock;
  faults: Faults;
  /** Can be changed at any time. */
  settings: Settings;
  signing: SigningKeys;
  files: Files;
  loras: Loras;
  queue: Queue;
  submissions: Submissions;
  webhooks: Webhooks;
  /** Stops the clock, closes connections and removes the temporary folder. */
  close(): Promise<void>;
}

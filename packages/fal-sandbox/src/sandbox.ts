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
  /** `id:secret` that requests must bear; any key will do when absent. */
  key?: string;
  /** The fal user who signs webhooks. */
  userId?: string;
  /** Sandbox seconds in a real second, 1 unless told; 0 stands still until `clock.advance`. */
  speed?: number;
  /** Delivers webhooks to loopback and private addresses too; fal drops those. */
  allowPrivateWebhooks?: boolean;
  /** Where uploads, jobs and signing keys lie, with which another start goes on; a temporary folder, removed at the end, unless told. */
  dataDir?: string;
  settings?: Partial<Settings>;
  faults?: readonly FaultRule[];
  /** Real milliseconds that `clock.advance` waits for a receiver of webhooks that does not answer; 2000 unless told. */
  patienceMs?: number;
  /** Told of faults of the sandbox itself; written to stderr unless given. */
  onError?: (error: unknown) => void;
}

/** fal.ai over HTTP, and the handle by which a test in the same process drives it. */
export interface Sandbox {
  app: FastifyInstance;
  /** Listens on 127.0.0.1 unless told and gives the address, `http://127.0.0.1:PORT`. */
  listen(options?: { port?: number; host?: string }): Promise<string>;
  /** The address; throws before `listen`. */
  url(): string;
  /** A `fetch` that reaches this sandbox wherever fal's hosts are asked for. */
  fetch: typeof fetch;
  /** The fal user in whose name it signs. */
  userId: string;
  clock: Clock;
  faults: Faults;
  /** May be changed at any time. */
  settings: Settings;
  signing: SigningKeys;
  files: Files;
  loras: Loras;
  queue: Queue;
  submissions: Submissions;
  webhooks: Webhooks;
  /** Stops the clock, breaks off open connections and removes the temporary folder. */
  close(): Promise<void>;
}

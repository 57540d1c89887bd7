import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { Agent, request } from 'undici';
import type { Guard } from './guard.ts';
import { startProcess } from './process.ts';
import { until } from './until.ts';

/* The sandbox as a separate process, used only over HTTP. */

// A busy machine starts processes slowly.
const startTimeoutMs = 120_000;

export type FaultRule = { on: string; fault: string } & Record<string, unknown>;
export type StruckRule = FaultRule & { struck: number; seen: number };

/** A job as in /_sandbox/jobs, with the members used here. */
export type SandboxJob = {
  request_id: string;
  endpoint: string;
  state: 'IN_QUEUE' | 'IN_PROGRESS' | 'COMPLETED' | 'VANISHED';
  webhook_url: string | null;
  sent_at: Moment;
  ended_at: Moment | null;
  outcome: { status: number; body: unknown } | null;
};
type Moment = { sandbox: string; wall: string };

export type Submission = {
  number: number;
  at: string;
  endpoint: string;
  images_data_url: string | null;
  webhook_url: string | null;
  outcome: string;
  request_id: string | null;
};

export type Sandbox = {
  url: string;
  /** The folder of its signing keys. */
  dataDir: string;
  faults: {
    set(rules: readonly FaultRule[]): Promise<void>;
    add(rules: readonly FaultRule[]): Promise<void>;
    clear(): Promise<void>;
    list(): Promise<StruckRule[]>;
  };
  settings(changes: Record<string, unknown>): Promise<void>;
  setSpeed(speed: number): Promise<void>;
  /** Stops the process (SIGSTOP): connections stay open and nothing is answered, including this control. */
  freeze(): void;
  /** Continues it; pending requests are processed then. */
  thaw(): void;
  /** Advances its time, and waits for the effects. */
  advance(seconds: number): Promise<void>;
  jobs(): Promise<SandboxJob[]>;
  /** Ends a job: with success for `{}`, else as the body says. */
  complete(requestId: string, how?: Record<string, unknown>): Promise<void>;
  redeliver(requestId: string): Promise<void>;
  submissions(): Promise<Submission[]>;
  byArchive(): Promise<Record<string, { posts: number; jobs: number }>>;
  /** By the exact body. */
  byInput(): Promise<Record<string, { posts: number; jobs: number }>>;
  webhooks(requestId?: string): Promise<{ request_id: string; body: string; state: string }[]>;
  sign(what: Record<string, unknown>): Promise<Record<string, string>>;
};

/** @param speed sandbox seconds per real second */
export async function startSandbox(
  guard: Guard,
  folder: string,
  { speed, settings = {} }: { speed: number; settings?: Record<string, unknown> },
): Promise<Sandbox & { stop(): Promise<void> }> {
  const dataDir = join(folder, 'sandbox');
  const logFile = join(folder, 'sandbox.log');
  const entry = join(import.meta.dirname, '../../packages/fal-sandbox/src/main.ts');
  const flags = ['--port', '0', '--speed', String(speed), '--webhooks-to-loopback', '--data', dataDir];
  const child = startProcess(guard, {
    name: 'sandbox',
    args: [entry, ...flags, '--settings', JSON.stringify(settings)],
    environment: {},
    logFile,
  });
  const url = await until(
    'the sandbox to listen',
    async () => {
      if (!child.isAlive()) throw new Error(`the sandbox ended: ${await readFile(logFile, 'utf8')}`);
      return /"url":"([^"]+)"/.exec(await readFile(logFile, 'utf8').catch(() => ''))?.[1];
    },
    { timeoutMs: startTimeoutMs },
  );
  const agent = new Agent({ connections: 8 });
  const signal = (name: 'SIGSTOP' | 'SIGCONT') => void process.kill(child.pid, name);
  const stop = async () => {
    await child.kill();
    await agent.destroy();
  };
  const pause = { freeze: () => signal('SIGSTOP'), thaw: () => signal('SIGCONT') };
  return { ...controlOf(url, agent), ...pause, url, dataDir, stop };
}

function controlOf(url: string, dispatcher: Agent): Omit<Sandbox, 'url' | 'dataDir' | 'freeze' | 'thaw'> {
  // oxlint-disable-next-line typescript/no-explicit-any -- each caller below names what the sandbox's README promises
  async function call(method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<any> {
    const answer = await request(`${url}/_sandbox/${path}`, {
      method,
      dispatcher,
      headersTimeout: 0,
      bodyTimeout: 0,
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`the sandbox answered ${answer.statusCode} to ${path}: ${text}`);
    return JSON.parse(text);
  }
  return {
    faults: {
      set: (rules) => call('PUT', 'faults', rules),
      add: (rules) => call('POST', 'faults', rules),
      clear: () => call('DELETE', 'faults'),
      list: async () => (await call('GET', 'faults')).faults,
    },
    settings: (changes) => call('PATCH', 'settings', changes),
    setSpeed: (speed) => call('PATCH', 'clock', { speed }),
    advance: (seconds) => call('POST', 'clock/advance', { seconds }),
    jobs: async () => (await call('GET', 'jobs')).jobs,
    complete: (requestId, how = {}) => call('POST', `jobs/${requestId}/complete`, how),
    redeliver: (requestId) => call('POST', `jobs/${requestId}/redeliver`),
    submissions: async () => (await call('GET', 'submissions')).submissions,
    byArchive: async () => (await call('GET', 'submissions?brief=1')).by_archive,
    byInput: async () => (await call('GET', 'submissions?brief=1')).by_input,
    webhooks: async (requestId) =>
      (await call('GET', `webhooks${requestId === undefined ? '' : `?request_id=${requestId}`}`)).deliveries,
    sign: async (what) => (await call('POST', 'keys/sign', what)).headers,
  };
}

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

export type LoadRequest = { method: 'GET' | 'POST'; path: string; headers: Record<string, string>; body?: string };

export type Load = {
  url: string;
  connections: number;
  seconds: number;
  /** Requests a second in all; as many as come back when left out. */
  rate?: number;
  /** Sent in turn; each connection begins at another one. */
  requests: LoadRequest[];
};

/** What came of a load; times in milliseconds. */
export type Loaded = { rate: number; answered: number; failed: number; p50: number; p99: number; p999: number };

type Generator = { child: ChildProcess; ended: Promise<[string]> };

let generator: Generator | undefined;

/** Puts a load on a server from a process of its own, so that the generator's work is nobody's here; one at a time. */
export async function putLoad(load: Load): Promise<Loaded> {
  generator ??= startGenerator();
  const { child, ended } = generator;
  child.ref();
  child.channel?.ref();
  child.send(load);
  const [message] = (await Promise.race([once(child, 'message'), ended])) as [Loaded | string];
  child.unref();
  child.channel?.unref();
  if (typeof message === 'string') throw new Error(`the load was not put on ${load.url}: ${message}`);
  if (message.failed > 0) throw new Error(`${message.failed} requests to ${load.url} failed`);
  return message;
}

/** Starts the process, which ends when this one does. */
function startGenerator(): Generator {
  const child = fork(`${import.meta.dirname}/load-process.ts`, { stdio: 'inherit' });
  return { child, ended: once(child, 'exit').then(() => ['its process ended']) };
}

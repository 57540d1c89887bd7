import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

export type LoadRequest = { method: 'GET' | 'POST'; path: string; headers: Record<string, string>; body?: string };

export type Load = {
  url: string;
  connections: number;
  seconds: number;
  /** Requests a second in total; default: as many as possible. */
  rate?: number;
  /** Sent in rotation; each connection begins at a different one. */
  requests: LoadRequest[];
};

/** The result of a load; times in milliseconds. */
export type Loaded = { rate: number; answered: number; failed: number; p50: number; p99: number; p999: number };

type Generator = { child: ChildProcess; ended: Promise<[string]> };

let generator: Generator | undefined;

/** Loads a server from a separate process, so that generating the load costs this one nothing; one at a time. */
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

/** The process ends with this one. */
function startGenerator(): Generator {
  const child = fork(`${import.meta.dirname}/load-process.ts`, { stdio: 'inherit' });
  return { child, ended: once(child, 'exit').then(() => ['its process ended']) };
}

import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';

export type Request = { method: 'GET' | 'POST'; path: string; json?: unknown };

export type Balancer = {
  /** Sends a request to an instance. @returns its status; a word for a 503 or without a complete response */
  send(request: Request): Promise<number | string>;
  close(): Promise<void>;
};

type Instance = { pool: Pool; isUp: boolean };

const everyMs = 50;
const patienceMs = 30_000;

/**
 * Distributes requests over instances in turn, on kept connections. An instance that closes or refuses connections gets
 * no requests until it is ready. Requests are never resent.
 */
export function createBalancer(urls: readonly string[], key: string): Balancer {
  const options = { connections: 16, headersTimeout: 15_000, bodyTimeout: 15_000 };
  const instances = urls.map((url): Instance => ({ pool: new Pool(url, options), isUp: true }));
  let turn = 0;
  let isClosed = false;

  async function watch(): Promise<void> {
    while (!isClosed) {
      const down = instances.filter(({ isUp }) => !isUp);
      await Promise.all(down.map(async (instance) => void (instance.isUp = await isReady(instance))));
      await delay(everyMs);
    }
  }

  async function next(): Promise<Instance | undefined> {
    const deadline = performance.now() + patienceMs;
    while (performance.now() < deadline) {
      const up = instances.filter(({ isUp }) => isUp);
      if (up.length > 0) return up[turn++ % up.length];
      await delay(everyMs);
    }
    return undefined;
  }

  const watching = watch();
  return {
    async send(request) {
      for (;;) {
        const instance = await next();
        if (!instance) return 'no instance is up';
        const answer = await sendTo(instance, key, request);
        if (answer !== 'ECONNREFUSED') return answer;
        instance.isUp = false;
      }
    },
    async close() {
      isClosed = true;
      await watching;
      await Promise.all(instances.map(({ pool }) => pool.destroy()));
    },
  };
}

async function sendTo(instance: Instance, key: string, { method, path, json }: Request): Promise<number | string> {
  const headers = { authorization: `Bearer ${key}`, ...(json !== undefined && { 'content-type': 'application/json' }) };
  try {
    const answer = await instance.pool.request({
      method,
      path,
      headers,
      ...(json !== undefined && { body: JSON.stringify(json) }),
    });
    if (answer.headers['connection'] === 'close') instance.isUp = false;
    const text = await answer.body.text();
    return answer.statusCode === 503 ? (/"code":"([a-z-]+)"/.exec(text)?.[1] ?? '503') : answer.statusCode;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

async function isReady({ pool }: Instance): Promise<boolean> {
  const answer = await pool.request({ method: 'GET', path: '/readyz' }).catch(() => null);
  await answer?.body.dump();
  return answer?.statusCode === 200;
}

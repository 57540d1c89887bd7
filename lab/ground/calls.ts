import { Agent, request } from 'undici';
import { setTimeout as delay } from 'node:timers/promises';

export type Answer = {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  // oxlint-disable-next-line typescript/no-explicit-any -- each caller names what it reads of an answer
  body: any;
};

export type Client = {
  /** Sends one request. @throws undici's error without a complete response */
  call(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    json?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  /** Sends a request, and repeats it while the response is `overloaded`, which is no fault on a busy machine. */
  insist(...request: Parameters<Client['call']>): Promise<Answer>;
  close(): Promise<void>;
};

const pauseMs = 500;

/** A client of the API on kept connections. */
export function createClient(url: string, key: string, { connections = 16 }: { connections?: number } = {}): Client {
  const agent = new Agent({ connections, headersTimeout: 30_000, bodyTimeout: 30_000 });
  const client: Client = {
    async call(method, path, json, more) {
      const { statusCode, headers, body } = await request(url + path, {
        method,
        dispatcher: agent,
        headers: {
          authorization: `Bearer ${key}`,
          ...(json !== undefined && { 'content-type': 'application/json' }),
          ...more,
        },
        ...(json !== undefined && { body: JSON.stringify(json) }),
      });
      const text = await body.text();
      const isJson = String(headers['content-type']).includes('json');
      return { status: statusCode, headers, body: isJson ? JSON.parse(text) : text };
    },
    async insist(...asked) {
      for (;;) {
        const answer = await client.call(...asked);
        if (answer.status !== 503) return answer;
        await delay(pauseMs);
      }
    },
    close: () => agent.destroy(),
  };
  return client;
}

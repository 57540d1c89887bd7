import { Agent, request } from 'undici';

export type Answer = {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  // oxlint-disable-next-line typescript/no-explicit-any -- each caller names what it reads of an answer
  body: any;
};

export type Client = {
  /** Sends one request. @throws undici's error when no whole answer comes */
  call(method: 'GET' | 'POST' | 'DELETE', path: string, json?: unknown): Promise<Answer>;
  close(): Promise<void>;
};

/** A client of the service's API over kept connections. */
export function createClient(url: string, key: string, { connections = 16 }: { connections?: number } = {}): Client {
  const agent = new Agent({ connections, headersTimeout: 30_000, bodyTimeout: 30_000 });
  return {
    async call(method, path, json) {
      const { statusCode, headers, body } = await request(url + path, {
        method,
        dispatcher: agent,
        headers: {
          authorization: `Bearer ${key}`,
          ...(json !== undefined && { 'content-type': 'application/json' }),
        },
        ...(json !== undefined && { body: JSON.stringify(json) }),
      });
      const text = await body.text();
      const isJson = String(headers['content-type']).includes('json');
      return { status: statusCode, headers, body: isJson ? JSON.parse(text) : text };
    },
    close: () => agent.destroy(),
  };
}

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { smallLora } from '../ground/lora.ts';

/** Replaces fal by constant responses, so that only the service is measured. */
export type StandIn = {
  url: string;
  /** Times of the status requests, by performance.now(). */
  polls: number[];
  /** The maximum of concurrent status requests. */
  mostOpen(): number;
  close(): Promise<void>;
};

/** @param status of every job @param afterMs how long fal takes to respond */
export async function startStandIn(status: 'IN_PROGRESS' | 'COMPLETED', afterMs: number): Promise<StandIn> {
  const polls: number[] = [];
  const answer = JSON.stringify({ status, logs: [] });
  const files = new Map([
    ['.safetensors', smallLora(0)],
    ['.json', Buffer.from('{}')],
  ]);
  let open = 0;
  let most = 0;
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://stand.in').pathname;
    const file = [...files].find(([end]) => path.endsWith(end))?.[1];
    if (file) return void response.writeHead(200, { 'content-length': file.length }).end(file);
    polls.push(performance.now());
    open += 1;
    most = Math.max(most, open);
    setTimeout(() => {
      open -= 1;
      response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
    }, afterMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    polls,
    mostOpen: () => most,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

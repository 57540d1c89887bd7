import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';
import type { Scope } from './scope.ts';

type Message = { type: string; timestamp: string; data: Record<string, unknown> };

/** A received webhook: `id` is its `webhook-id`, `at` milliseconds of performance.now(). */
export type Arrival = { id: string; headers: IncomingHttpHeaders; text: string; message: Message; at: number };
export type Answer = (response: ServerResponse, arrival: Arrival) => void;

export function status(code: number, headers: Record<string, string> = {}, body = ''): Answer {
  return (response) => response.writeHead(code, headers).end(body);
}

/** A webhook receiver; it answers 204 by default. */
export async function startReceiver(t: Scope, answer: Answer = status(204)) {
  const arrivals: Arrival[] = [];
  const receiver = {
    url: '',
    arrivals,
    answer,
    verified: (secret: string) => arrivals.map((each) => verify(each, secret)),
  };
  const server = createServer((request, response) => {
    void readText(request).then((text) => {
      const arrival: Arrival = {
        id: String(request.headers['webhook-id']),
        headers: request.headers,
        text,
        message: JSON.parse(text),
        at: performance.now(),
      };
      arrivals.push(arrival);
      receiver.answer(response, arrival);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  receiver.url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/webhooks`;
  return receiver;
}

/** Verifies a webhook after Standard Webhooks. @throws for a wrong signature */
export function verify({ headers, text }: Arrival, secret: string): unknown {
  return new Webhook(secret).verify(text, headers as Record<string, string>);
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

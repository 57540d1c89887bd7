import { type ClientRequest, get, type IncomingMessage } from 'node:http';

/** One event of a stream, in the fields of EventSource. */
export type Frame = { id: number; event: string; data: Record<string, unknown> };

export type StreamClient = {
  status: number;
  headers: IncomingMessage['headers'];
  /** Everything received so far. */
  frames: Frame[];
  comments: string[];
  /** The last `retry` and `id`. */
  retry: number | null;
  lastId: number | null;
  pause(): void;
  resume(): void;
  /** Resets the connection, as a vanished client does. */
  vanish(): void;
  /** Resolves at the end: `end` by the server, `broken` by the connection. */
  over: Promise<'end' | 'broken'>;
};

/** Opens a stream of server-sent events on a new socket; other responses arrive as `problem`. */
export async function openStream(
  url: string,
  { key, headers = {}, onFrame }: { key: string; headers?: Record<string, string>; onFrame?: (frame: Frame) => void },
): Promise<StreamClient> {
  const { request, response } = await answerTo(url, { authorization: `Bearer ${key}`, ...headers });
  const client: StreamClient = {
    status: response.statusCode ?? 0,
    headers: response.headers,
    frames: [],
    comments: [],
    retry: null,
    lastId: null,
    pause: () => void response.pause(),
    resume: () => void response.resume(),
    vanish: () => void request.destroy(),
    over: new Promise((resolve) => {
      response.once('end', () => resolve('end'));
      response.once('error', () => resolve('broken'));
      response.once('close', () => resolve(response.complete ? 'end' : 'broken'));
    }),
  };
  let rest = '';
  response.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n\n');
    rest = parts.pop() ?? '';
    for (const part of parts) take(client, part, onFrame);
  });
  return client;
}

async function answerTo(
  url: string,
  headers: Record<string, string>,
): Promise<{ request: ClientRequest; response: IncomingMessage }> {
  return new Promise((resolve, reject) => {
    const request = get(url, { headers, agent: false }, (response) => resolve({ request, response }));
    request.once('error', reject);
  });
}

function take(client: StreamClient, part: string, onFrame?: (frame: Frame) => void): void {
  const fields = new Map<string, string>();
  for (const line of part.split('\n')) {
    const [name = '', value = ''] = line.split(/: ?(.*)/s);
    if (name === '') client.comments.push(value);
    else fields.set(name, value);
  }
  if (fields.has('retry')) client.retry = Number(fields.get('retry'));
  if (fields.has('id')) client.lastId = Number(fields.get('id'));
  const data = fields.get('data');
  if (data === undefined) return;
  const frame = { id: Number(fields.get('id')), event: fields.get('event') ?? '', data: JSON.parse(data) };
  client.frames.push(frame);
  onFrame?.(frame);
}

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type Description,
  type Document,
  type Exchange,
  faultsOf,
  readDescription,
} from '../../lab/ground/description.ts';
import type { App } from '../../src/app.ts';

/* Compares every response of a service under test with its openapi.json, by watching the server's sockets, so that
   no test has to ask for it. */

const mostBytes = 4 * 1024 * 1024;
let described: Description | undefined;

/** The operations of the API, and a validator for its schemas. */
export function describedApi(app: App): Description {
  described ??= readDescription(app.swagger() as unknown as Document);
  return described;
}

/**
 * Fails the scope at its end when a response was not as described. To be called first: teardowns run in reverse order,
 * and one that throws prevents the others.
 * @returns a function that starts watching an app
 */
export function watchContract(scope: { teardown(end: () => Promise<void>): unknown }): (app: App) => void {
  const faults = new Set<string>();
  let watched: App | undefined;
  const watch = (message: unknown) => {
    const { request, response, server } = message as {
      request: IncomingMessage;
      response: ServerResponse;
      server: unknown;
    };
    const app = watched;
    if (!app || server !== app.server) return;
    record(request, response, (exchange) => {
      for (const fault of faultsOf(describedApi(app), exchange)) {
        faults.add(`${exchange.method} ${exchange.url.split('?', 1)[0]} ${exchange.status}: ${fault}`);
      }
    });
  };
  subscribe('http.server.request.start', watch);
  scope.teardown(async () => {
    unsubscribe('http.server.request.start', watch);
    if (faults.size > 0) throw new Error(`Answers are not as openapi.json says:\n${[...faults].join('\n')}`);
  });
  return (app) => {
    watched = app;
  };
}

/** Reports an exchange once its response was sent completely. */
function record(request: IncomingMessage, response: ServerResponse, tell: (exchange: Exchange) => void): void {
  const sent = collector();
  const body = collector();
  const { emit } = request;
  request.emit = function watched(event: string | symbol, ...rest: unknown[]) {
    if (event === 'data') sent.add(rest[0]);
    return Reflect.apply(emit, request, [event, ...rest]);
  };
  const write = response.write.bind(response) as (...rest: unknown[]) => boolean;
  const end = response.end.bind(response) as (...rest: unknown[]) => ServerResponse;
  const writeHead = response.writeHead.bind(response) as (...rest: unknown[]) => ServerResponse;
  // getHeader does not know headers that are passed only here.
  let late: Record<string, number | string | string[]> = {};
  response.writeHead = (...rest: unknown[]) => {
    const given = rest.at(-1);
    if (typeof given === 'object' && given !== null) late = given as typeof late;
    return writeHead(...rest);
  };
  response.write = (...rest: unknown[]) => {
    body.add(rest[0]);
    return write(...rest);
  };
  response.end = (...rest: unknown[]) => {
    if (typeof rest[0] !== 'function') body.add(rest[0]);
    return end(...rest);
  };
  response.once('finish', () => {
    tell({
      method: request.method ?? '',
      url: request.url ?? '/',
      sent: sent.text(),
      sentType: request.headers['content-type'] ?? '',
      status: response.statusCode,
      header: (name) => {
        const value = response.getHeader(name) ?? late[name.toLowerCase()];
        return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
      },
      body: body.text(),
    });
  });
}

/** Collects chunks up to a limit; anything larger is a file, not JSON. */
function collector() {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    add(chunk: unknown): void {
      if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) return;
      size += chunk.length;
      if (size <= mostBytes) chunks.push(Buffer.from(chunk as string));
    },
    text: () => Buffer.concat(chunks).toString(),
  };
}

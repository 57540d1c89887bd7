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

/*
 * Holds whatever a service answers in a test against what it says of itself in openapi.json. It looks on at the server's
 * sockets, so that no client and no test has to ask for it.
 */

const mostBytes = 4 * 1024 * 1024;
let described: Description | undefined;

/** @returns every operation of the API, and a way to check values by its schemas */
export function describedApi(app: App): Description {
  described ??= readDescription(app.swagger() as unknown as Document);
  return described;
}

/**
 * Fails a scope at its end when an answer of an app was not as it is described. Begin with it: teardowns run backwards,
 * and what throws in one keeps the others from running.
 * @returns a function that takes the app to be watched
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

/** Tells of an exchange once its answer was sent whole. */
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
  // Headers that are given only here are not among those that getHeader knows.
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

/** Keeps what passes, up to a limit; what is larger is a file and no JSON. */
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

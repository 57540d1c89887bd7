import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buildValidator } from '../../src/platform/http/validator.ts';
import type { App } from '../../src/app.ts';

/*
 * Holds whatever a service answers in a test against what it says of itself in openapi.json. It looks on at the server's
 * sockets, so that no client and no test has to ask for it.
 */

type Schema = Record<string, unknown>;
type Media = Record<string, { schema?: Schema }>;
type Response = { content?: Media; headers?: Record<string, unknown> };
type Parameter = { name: string; in: string; required?: boolean; schema: Schema };
export type Operation = {
  operationId: string;
  method: string;
  path: string;
  parameters: Parameter[];
  requestBody?: { content: Media };
  responses: Record<string, Response>;
  security?: Record<string, string[]>[];
};
type Description = {
  paths: Record<string, Record<string, Omit<Operation, 'method' | 'path'>>>;
  components: { schemas?: Record<string, Schema> };
};
/** One request and its answer, as they went over the socket. */
type Exchange = {
  method: string;
  url: string;
  sent: string;
  sentType: string;
  status: number;
  header: (name: string) => string;
  body: string;
};

const mostBytes = 4 * 1024 * 1024;
let described: ReturnType<typeof readDescription> | undefined;

/** @returns every operation of the API, and a way to check values by its schemas */
export function describedApi(app: App): ReturnType<typeof readDescription> {
  described ??= readDescription(app.swagger() as unknown as Description);
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

function readDescription({ paths, components }: Description) {
  const external = Object.fromEntries(
    Object.entries(components.schemas ?? {}).map(([name, schema]) => [name, { ...withLocalRefs(schema), $id: name }]),
  );
  const compile = buildValidator(external, {});
  const validators = new Map<Schema, ReturnType<typeof compile>>();
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Operation & { pattern: RegExp } => ({
      ...operation,
      parameters: operation.parameters ?? [],
      method: method.toUpperCase(),
      path,
      pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
    })),
  );
  return {
    operations: operations as readonly Operation[],
    /** @returns the operation that a request reaches */
    find(method: string, path: string): Operation | undefined {
      const found = operations.filter((one) => one.method === method && one.pattern.test(path));
      // What stands in a path word for word goes before what stands for anything.
      return found.sort((a, b) => a.path.split('{').length - b.path.split('{').length)[0];
    },
    /** @returns what is wrong with a value by a schema of the description; empty when nothing is */
    check(schema: Schema, value: unknown): string {
      let validate = validators.get(schema);
      if (!validate) {
        validate = compile({ schema: withLocalRefs(schema), httpPart: 'body', method: 'GET', url: '/' });
        validators.set(schema, validate);
      }
      if (validate(value)) return '';
      const errors =
        (validate as { errors?: { instancePath: string; message?: string; params: unknown }[] }).errors ?? [];
      return errors
        .map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`)
        .join('; ');
    },
  };
}

// The compiler knows the shared schemas by their names.
function withLocalRefs(schema: Schema): Schema {
  const text = JSON.stringify(schema, (name, value) => (name === 'example' ? undefined : value));
  return JSON.parse(text.replaceAll(/"#\/components\/schemas\/([^"]+)"/g, '"$1#"'));
}

function faultsOf(api: ReturnType<typeof readDescription>, exchange: Exchange): string[] {
  const { method, url, status } = exchange;
  const [path = '', query = ''] = url.split('?', 2);
  if (method === 'HEAD' || method === 'OPTIONS' || path.startsWith('/docs')) return [];
  const operation = api.find(method, path);
  // Node itself asks whether an expectation can be met, before any route.
  if (status === 417) return faultsOfBody(api, problemOnly, exchange);
  if (!operation) return status < 400 ? ['is no operation'] : faultsOfBody(api, problemOnly, exchange);
  const response = operation.responses[status];
  if (!response) return ['is not among the documented statuses'];
  return [
    ...faultsOfBody(api, response, exchange),
    ...Object.keys(response.headers ?? {}).flatMap((name) =>
      exchange.header(name) ? [] : [`lacks the header ${name}`],
    ),
    // What fal sends is described for readers; its signature decides.
    ...(status < 300 && operation.security?.length ? faultsOfRequest(api, operation, query, exchange) : []),
  ];
}

const problemOnly: Response = {
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

function faultsOfBody(api: ReturnType<typeof readDescription>, { content }: Response, exchange: Exchange): string[] {
  const [type = ''] = exchange.header('content-type').split(';', 1);
  if (!content) return exchange.body === '' ? [] : ['has a body and should have none'];
  const media = content[type] ?? content['*/*'];
  if (!media) return [`has the type ${type || '(none)'}, not ${Object.keys(content).join(' or ')}`];
  if (!type.includes('json') || !media.schema) return [];
  const fault = api.check(media.schema, parsed(exchange.body));
  return fault ? [`has another form: ${fault}`] : [];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// What was taken has to be what is documented, or clients could not know of it.
function faultsOfRequest(
  api: ReturnType<typeof readDescription>,
  operation: Operation,
  query: string,
  { sent, sentType }: Exchange,
): string[] {
  const known = operation.parameters.filter((one) => one.in === 'query');
  const given = new Set(new URLSearchParams(query).keys());
  const media = operation.requestBody?.content['application/json'];
  const body = sentType.includes('json') ? parsed(sent) : undefined;
  const fault = media?.schema && body !== undefined ? api.check(media.schema, body) : '';
  return [
    ...[...given]
      .filter((name) => !known.some((one) => one.name === name))
      .map((name) => `takes ${name}, undocumented`),
    ...known.filter(({ name, required }) => required && !given.has(name)).map(({ name }) => `does without ${name}`),
    ...(fault ? [`takes another body than documented: ${fault}`] : []),
  ];
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

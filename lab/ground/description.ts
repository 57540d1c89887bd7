import { buildValidator } from '../../src/platform/http/validator.ts';

/* openapi.json, for comparison with responses. */

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
export type Document = {
  paths: Record<string, Record<string, Omit<Operation, 'method' | 'path'>>>;
  components: { schemas?: Record<string, Schema> };
};
export type Exchange = {
  method: string;
  url: string;
  sent: string;
  sentType: string;
  status: number;
  header: (name: string) => string;
  body: string;
};

export type Description = ReturnType<typeof readDescription>;

export function readDescription({ paths, components }: Document) {
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
    find(method: string, path: string): Operation | undefined {
      const found = operations.filter((one) => one.method === method && one.pattern.test(path));
      // Literal path segments take precedence over parameters.
      return found.sort((a, b) => a.path.split('{').length - b.path.split('{').length)[0];
    },
    /** @returns the validation errors; empty for a valid value */
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

// Shared schemas are registered by name.
function withLocalRefs(schema: Schema): Schema {
  const text = JSON.stringify(schema, (name, value) => (name === 'example' ? undefined : value));
  return JSON.parse(text.replaceAll(/"#\/components\/schemas\/([^"]+)"/g, '"$1#"'));
}

/** The deviations of an exchange from the description. */
export function faultsOf(api: Description, exchange: Exchange): string[] {
  const { method, url, status } = exchange;
  const [path = '', query = ''] = url.split('?', 2);
  if (method === 'HEAD' || method === 'OPTIONS' || path.startsWith('/docs')) return [];
  const operation = api.find(method, path);
  // Node itself answers an Expect header, before any route.
  if (status === 417) return faultsOfBody(api, problemOnly, exchange);
  if (!operation) return status < 400 ? ['is no operation'] : faultsOfBody(api, problemOnly, exchange);
  const response = operation.responses[status];
  if (!response) return ['is not among the documented statuses'];
  return [
    ...faultsOfBody(api, response, exchange),
    ...Object.keys(response.headers ?? {}).flatMap((name) =>
      exchange.header(name) ? [] : [`lacks the header ${name}`],
    ),
    // fal's webhooks are described for readers and not validated.
    ...(status < 300 && operation.security?.length ? faultsOfRequest(api, operation, query, exchange) : []),
  ];
}

const problemOnly: Response = {
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

function faultsOfBody(api: Description, { content }: Response, exchange: Exchange): string[] {
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

// An accepted request must match the description too.
function faultsOfRequest(
  api: Description,
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

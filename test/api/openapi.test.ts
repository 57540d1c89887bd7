import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { t } from '../support/tap.ts';
import { typesOf } from '../../packages/client/generate.ts';
import { describeApi } from '../../src/openapi.ts';
import { nameSchemas } from '../../src/plugins/openapi-names.ts';
import { startService } from '../support/service.ts';

type Content = Record<string, { schema?: object; example?: unknown; examples?: object }>;
type Operation = {
  operationId?: string;
  summary?: string;
  tags?: string[];
  security?: Record<string, string[]>[];
  requestBody?: { content: Content };
  responses: Record<string, { description?: string; content?: Content }>;
};

const { app, url } = await startService(t);
const text = await describeApi(app);
const document = JSON.parse(text);
const operations = Object.entries<Record<string, Operation>>(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, path, operation })),
);

t.test('openapi/openapi.json is what the app says of itself; npm run openapi writes it', async (t) => {
  // Without t.equal: a diff of two such texts takes longer than all the tests here.
  t.ok((await readFile('openapi/openapi.json', 'utf8')) === text, 'run npm run openapi, and read its changes');
  t.equal(document.openapi, '3.1.0');
});

t.test(
  'each operation has a name, a summary, a tag that is explained, and the errors it may answer with',
  async (t) => {
    const tags = document.tags.map((tag: { name: string }) => tag.name);
    const ids = operations.map(({ operation }) => operation.operationId);
    t.equal(new Set(ids).size, ids.length, 'names are unique');
    for (const { name, path, operation } of operations) {
      t.match(operation.operationId, /^[a-z][A-Za-z]+$/, name);
      t.ok(operation.summary, name);
      t.ok(operation.tags?.length === 1 && operation.tags.every((tag) => tags.includes(tag)), name);
      const problems = Object.entries(operation.responses).filter(([status]) => Number(status) >= 400);
      for (const [status, { description, content }] of problems) {
        t.same(Object.keys(content ?? {}), ['application/problem+json'], `${name} ${status}`);
        t.match(description, /`[a-z-]+`: /, `${name} ${status} names its codes`);
      }
      if (path.startsWith('/v1/')) {
        const statuses = problems.map(([status]) => status);
        t.ok(
          ['400', '401', '403', '429', '503'].every((status) => statuses.includes(status)),
          name,
        );
        t.ok(operation.security?.[0]?.['key']?.length === 1, `${name} names its scope`);
      } else {
        t.same(operation.security, [], `${name} needs no key`);
      }
    }
  },
);

t.test('what is sent and what is answered as JSON has an example', async (t) => {
  for (const { name, operation } of operations) {
    const sent = Object.entries(operation.requestBody?.content ?? {});
    const answered = Object.entries(operation.responses).flatMap(([status, { content = {} }]) =>
      Object.entries(content).map(([type, media]) => [`${status} ${type}`, media] as const),
    );
    for (const [what, media] of [...sent, ...answered]) {
      if (what.includes('json')) t.ok(hasExample(media), `${name} ${what} has an example: npm run openapi records it`);
    }
  }
});

t.test(
  'a named schema is a component wherever it stands, and one that differs from its namesake is an error',
  async (t) => {
    const keyOf = (more: object) => ({
      title: 'Key',
      type: 'object',
      properties: { title: { type: 'string' }, ...more },
    });
    const answer = (schema: object) => ({ 200: { content: { 'application/json': { schema } } } });
    const listed = { type: 'array', items: { ...keyOf({}), examples: [{ title: 'bot' }] } };
    const described: Parameters<typeof nameSchemas>[0] = {
      paths: { '/a': { get: { responses: answer(keyOf({})) } }, '/b': { get: { responses: answer(listed) } } },
    };
    nameSchemas(described);
    const $ref = '#/components/schemas/Key';
    t.strictSame(described.paths, {
      '/a': { get: { responses: answer({ $ref }) } },
      '/b': { get: { responses: answer({ type: 'array', items: { $ref } }) } },
    });
    const { title: _name, ...key } = keyOf({});
    t.strictSame(described.components?.schemas, { Key: { ...key, examples: [{ title: 'bot' }] } });

    const other = { paths: { '/a': { get: { responses: answer({ a: keyOf({}), b: keyOf({ id: {} }) }) } } } };
    t.throws(() => nameSchemas(other), /two schemas of answers are called Key/);
  },
);

t.test('nothing makes two requests from /docs the same one', async (t) => {
  for (const { name, operation } of operations) {
    const { parameters = [] } = operation as { parameters?: { name: string; schema?: object }[] };
    const key = parameters.find((one) => one.name === 'idempotency-key');
    if (key) t.notOk('example' in key || 'examples' in key || 'examples' in (key.schema ?? {}), name);
  }
});

t.test('redocly finds nothing wrong with it', async (t) => {
  const environment = { ...process.env, REDOCLY_TELEMETRY: 'off' };
  const lint = promisify(execFile)('node_modules/.bin/redocly', ['lint'], { env: environment });
  await t.resolves(lint);
});

t.test('/docs asks nobody but this service', async (t) => {
  const page = await fetch(`${url}/docs`);
  const html = await page.text();
  t.equal(page.status, 200);
  const policy = page.headers.get('content-security-policy') ?? '';
  t.match(policy, "default-src 'none'");
  t.match(policy, "connect-src 'self'");
  t.notMatch(policy, /https?:|\*|unsafe-eval/);
  const [, script = ''] = /<script type="text\/javascript">([^]*?)<\/script>/.exec(html) ?? [];
  t.match(policy, `'sha256-${createHash('sha256').update(script).digest('base64')}'`, 'the script in the page may run');
  t.match(script, '"telemetry": false');
  t.match(script, '"orderSchemaPropertiesBy": "preserve"');
  t.match(script, '"orderRequiredPropertiesFirst": false');
  const addresses = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address = '']) => address);
  t.same(addresses, ['/docs/js/scalar.js']);
  const file = await fetch(`${url}/docs/js/scalar.js`);
  t.match(file.headers.get('content-type'), 'application/javascript');
  t.ok((await file.text()).length > 1_000_000);
  t.equal((await fetch(`${url}/docs/`)).status, 200);
});

// At the end: it keeps this process, and the service in it, from anything else for a moment.
t.test('packages/client/src/api.ts has the types of that description; npm run openapi writes it too', async (t) => {
  t.ok((await readFile('packages/client/src/api.ts', 'utf8')) === (await typesOf(text)), 'run npm run openapi');
});

function hasExample({ schema, example, examples }: Content[string]): boolean {
  if (example !== undefined || examples !== undefined) return true;
  const named =
    schema && '$ref' in schema ? document.components.schemas[String(schema.$ref).split('/').at(-1) ?? ''] : schema;
  return named !== undefined && ('example' in named || 'examples' in named);
}

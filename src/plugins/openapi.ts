import swagger, { type SwaggerTransformObject } from '@fastify/swagger';
import fp from 'fastify-plugin';
import examples from '../../openapi/examples.json' with { type: 'json' };
import packageJson from '../../package.json' with { type: 'json' };
import { eventWebhook } from '../features/webhooks/openapi.ts';
import { problemAnswers } from '../platform/http/answers.ts';
import { mayBeEmpty } from '../platform/http/schemas.ts';
import { nameSchemas } from './openapi-names.ts';

const description = `
Likeness turns a person's photos into a trained avatar on fal.ai. Create a user and an avatar, upload photos, start a
training and follow it; the trained weights are fetched, verified and kept.

Requests under \`/v1\` need an API key: \`Authorization: Bearer …\`. Every error is a problem document (RFC 9457) with
a stable \`code\`. Lists are paged: pass \`next_cursor\` as \`cursor\`. \`X-Request-Id\` is taken from you or made, and is on
every answer.
`.trim();

const tags = [
  ['users', 'The people whose avatars are trained.'],
  ['avatars', 'Avatars and the results of their trainings.'],
  ['photos', 'The photos an avatar is trained on.'],
  ['trainings', 'Attempts to train an avatar, with progress, result and cost.'],
  ['artifacts', 'The files that trainings made.'],
  ['trainers', 'Trainers with settings, limits and prices.'],
  ['generations', 'Images made with a trained avatar: one paid job each, with one to four images.'],
  ['models', 'Models that make images, with settings, sizes and prices.'],
  ['images', 'Images that were made with avatars.'],
  ['batches', 'Generations that are started together and end with one event.'],
  ['packs', 'Prompts of the operator, under one name.'],
  ['events', 'What happened, in order.'],
  ['webhooks', 'Endpoints to which events are sent, signed by the Standard Webhooks scheme.'],
  ['keys', 'API keys, and user tokens for browsers and web apps.'],
  ['fal', 'Routes that fal.ai calls.'],
  ['operations', 'Health, metrics and the API description, for operators.'],
].map(([name = '', text]) => ({ name, description: text }));

// By operation and status; recorded by test/support/record-examples.ts.
const recorded: Partial<Record<string, unknown>> = examples;

type Described = Extract<Parameters<SwaggerTransformObject>[0], { openapiObject: unknown }>['openapiObject'];

function finished(document: Described): Described {
  for (const operation of Object.values(document.paths ?? {}).flatMap((path) => Object.values(path ?? {}))) {
    const {
      operationId,
      requestBody,
      responses = {},
    } = operation as {
      operationId?: string;
      requestBody?: { required: boolean; content: Record<string, { schema?: unknown }> };
      responses?: Record<string, { content?: Record<string, { example?: unknown }> }>;
    };
    if (requestBody)
      requestBody.required = !Object.values(requestBody.content).every(({ schema }) => mayBeEmpty(schema));
    for (const [status, { content = {} }] of Object.entries(responses)) {
      const example = recorded[`${operationId} ${status}`];
      const media = content['application/json'];
      if (media && example !== undefined) media.example = example;
    }
  }
  nameSchemas(document);
  return document;
}

/** Serves the OpenAPI 3.1 description of all routes registered after it at /openapi.json. */
export const openapiPlugin = fp(
  async (app) => {
    await app.register(swagger, {
      transformObject: (given) => ('openapiObject' in given ? finished(given.openapiObject) : given.swaggerObject),
      openapi: {
        openapi: '3.1.0',
        info: {
          title: 'Likeness',
          summary: 'Trained avatars from photos, self-hosted',
          description,
          version: packageJson.version,
          license: { name: 'MIT', identifier: 'MIT' },
        },
        servers: [{ url: '/', description: 'This installation' }],
        tags,
        webhooks: { event: eventWebhook },
        components: {
          securitySchemes: {
            key: { type: 'http', scheme: 'bearer', description: 'A key made by `likeness keys create`.' },
          },
        },
      },
      refResolver: {
        buildLocalReference: ({ $id }, _baseUri, _fragment, index) =>
          typeof $id === 'string' ? $id : `schema-${index}`,
      },
    });
    let document: Buffer | undefined;
    app.get(
      '/openapi.json',
      {
        schema: {
          operationId: 'getOpenapi',
          summary: 'Get the OpenAPI description',
          tags: ['operations'],
          security: [],
          response: {
            200: {
              description: 'OpenAPI 3.1.',
              content: { 'application/json': { schema: { type: 'object', examples: [{ openapi: '3.1.0' }] } } },
            },
            ...problemAnswers(['rate-limited', 'overloaded']),
          },
        },
      },
      async (_request, reply) => {
        document ??= Buffer.from(JSON.stringify(app.swagger()));
        return reply.type('application/json').send(document);
      },
    );
  },
  { name: 'openapi' },
);

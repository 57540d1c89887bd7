import { Type } from 'typebox';
import { Problem, type ProblemCode } from '../errors.ts';
import { problemAnswers } from '../http/answers.ts';
import type { RouteScope } from '../http/route-scope.ts';
import { Closed } from '../http/schemas.ts';
import { inSpan } from '../trace/trace.ts';
import { verdictCounter } from './metrics.ts';
import { createReceiver, findTraceOf } from './receive.ts';

const maxBytes = 5 * 1024 * 1024;

const refusals: Partial<Record<ProblemCode, string>> = {
  'invalid-signature': 'invalid_signature',
  'no-signing-keys': 'no_keys',
  overloaded: 'overloaded',
};

const FalWebhook = Type.Object(
  {
    request_id: Type.String(),
    gateway_request_id: Type.Optional(Type.String()),
    status: Type.Union([Type.Literal('OK'), Type.Literal('ERROR')]),
    error: Type.Optional(Type.Unsafe<string | null>({ type: ['string', 'null'] })),
    payload: Type.Optional(Type.Unknown()),
    payload_error: Type.Optional(Type.String()),
  },
  {
    description: 'As fal sends it. The bytes are what is signed, so they are read unparsed.',
    examples: [{ error: null, gateway_request_id: 'a', payload: {}, request_id: 'a', status: 'OK' }],
  },
);

/**
 * POST /webhooks/fal: fal's signed webhooks. Outside /v1: a signature and our token take the place of a key.
 * Acknowledged once durable; never redirected (fal contract §2.3).
 */
export async function falWebhookRoutes(app: RouteScope): Promise<void> {
  const receive = createReceiver(app);
  const verdicts = verdictCounter(app.metrics);
  const judge: typeof receive = async (message) => {
    try {
      const verdict = await receive(message);
      verdicts.inc({ verdict });
      return verdict;
    } catch (error) {
      verdicts.inc({ verdict: (error instanceof Problem && refusals[error.code]) || 'failed' });
      throw error;
    }
  };
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: maxBytes }, (_request, body, done) => done(null, body));

  app.post(
    '/webhooks/fal',
    {
      config: { rateLimit: false },
      bodyLimit: maxBytes,
      // Body and query are described for readers. The signature over the unparsed bytes decides, whatever else stands there.
      validatorCompiler: () => () => true,
      schema: {
        operationId: 'receiveFalWebhook',
        summary: 'Receive a webhook from fal',
        description:
          'Verified by the Ed25519 signature in the X-Fal-Webhook headers. One without our token is acknowledged and dropped: the keys of fal sign for all its customers.',
        tags: ['fal'],
        security: [],
        querystring: Closed({
          t: Type.Optional(Type.String({ maxLength: 200, description: 'The token of the submission.' })),
        }),
        body: FalWebhook,
        response: {
          200: Closed({ received: Type.Literal(true) }),
          ...problemAnswers([
            'invalid-signature',
            'payload-too-large',
            'database-unavailable',
            'no-signing-keys',
            'overloaded',
          ]),
        },
      },
    },
    async (request) => {
      const { body, headers, query } = request;
      const rawBody = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
      const { t } = query as { t?: unknown };
      const token = typeof t === 'string' ? t : '';
      const attributes = { 'likeness.request_id': request.id };
      const span = { kind: 'server' as const, parent: await findTraceOf(app, token), attributes };
      return inSpan('POST /webhooks/fal', span, async (note) => {
        const verdict = await judge({ headers, rawBody, token });
        note({ 'likeness.verdict': verdict });
        return { received: true as const };
      });
    },
  );
}

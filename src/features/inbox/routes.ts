import { Type } from 'typebox';
import { Problem, type ProblemCode } from '../../errors.ts';
import { problemAnswers } from '../../platform/http/answers.ts';
import type { RouteScope } from '../../platform/http/route-scope.ts';
import { Closed } from '../../platform/http/schemas.ts';
import { inSpan } from '../../platform/trace/trace.ts';
import { readJobToken } from '../../fal-jobs/token.ts';
import { createBodies } from './bodies.ts';
import { verdictCounter } from './metrics.ts';
import { createReceiver, findTraceOf, refuseImplausible } from './receive.ts';

const maxBytes = 5 * 1024 * 1024;
// Foreign webhooks are dropped, so they get a small limit.
const maxForeignBytes = 64 * 1024;
const patienceMs = 30_000;
// Separate limits, so that foreign requests cannot use up ours.
const ownRoom = 64 * 1024 * 1024;
const foreignRoom = 8 * 1024 * 1024;

const refusals: Partial<Record<ProblemCode, string>> = {
  'invalid-signature': 'invalid_signature',
  'no-signing-keys': 'no_keys',
  overloaded: 'overloaded',
  'payload-too-large': 'too_large',
  'request-timeout': 'too_slow',
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
    description: 'The webhook as fal sends it. The signature covers the raw bytes.',
    examples: [{ error: null, gateway_request_id: 'a', payload: {}, request_id: 'a', status: 'OK' }],
  },
);

/**
 * POST /webhooks/fal: fal's signed webhooks. Outside /v1: signature and token replace the key. Acknowledged once
 * durable; never redirected (fal contract §2.3).
 */
export async function falWebhookRoutes(app: RouteScope): Promise<void> {
  const receive = createReceiver(app);
  const verdicts = verdictCounter(app.metrics);
  const counted = async <T>(judgement: () => T | Promise<T>): Promise<T> => {
    try {
      return await judgement();
    } catch (error) {
      verdicts.inc({ verdict: (error instanceof Problem && refusals[error.code]) || 'failed' });
      throw error;
    }
  };
  const own = createBodies({ room: ownRoom, patienceMs });
  const foreign = createBodies({ room: foreignRoom, patienceMs });
  app.removeAllContentTypeParsers();
  // The handler reads the body, since its limit depends on the token.
  app.addContentTypeParser('*', (_request, _body, done) => done(null));

  app.post(
    '/webhooks/fal',
    {
      config: { rateLimit: false },
      onRequest: ({ headers }) => counted(() => refuseImplausible(app, headers)),
      // The schema documents body and query. Only the signature over the raw bytes is checked.
      validatorCompiler: () => () => true,
      schema: {
        operationId: 'receiveFalWebhook',
        summary: 'Receive a webhook from fal',
        description:
          'Verified by the Ed25519 signature in the X-Fal-Webhook headers. A webhook without the token of a submission is acknowledged and dropped: the keys of fal sign for all customers of fal.',
        tags: ['fal'],
        security: [],
        querystring: Closed({
          t: Type.Optional(Type.String({ maxLength: 200, description: 'The secret token of the submission.' })),
        }),
        body: FalWebhook,
        response: {
          200: Closed({ received: Type.Literal(true) }),
          ...problemAnswers([
            'invalid-signature',
            'payload-too-large',
            'request-timeout',
            'database-unavailable',
            'no-signing-keys',
            'overloaded',
          ]),
        },
      },
    },
    async (request) => {
      const { headers, query, raw } = request;
      const { t } = query as { t?: unknown };
      const token = typeof t === 'string' ? t : '';
      const isOurs = readJobToken(app.installation.secret, token) !== null;
      const body = await counted(() => (isOurs ? own.read(raw, maxBytes) : foreign.read(raw, maxForeignBytes)));
      try {
        const attributes = { 'likeness.request_id': request.id };
        const span = { kind: 'server' as const, parent: await findTraceOf(app, token), attributes };
        return await inSpan('POST /webhooks/fal', span, async (note) => {
          const verdict = await counted(() => receive({ headers, rawBody: body.bytes, token }));
          verdicts.inc({ verdict });
          note({ 'likeness.verdict': verdict });
          return { received: true as const };
        });
      } finally {
        body.release();
      }
    },
  );
}

import { createHash, createHmac, createPublicKey, timingSafeEqual, verify } from 'node:crypto';
import Fastify, { LogController } from 'fastify';
import pg from 'pg';
import { stringify, v7 as uuidv7 } from 'uuid';
import { createLog, databaseUrl, logRequests, port } from './log.ts';

/* A minimal handler for fal's webhooks: the service's checks (signature by every key, age, id in the body, our
   token), then one prepared insert per request, then the response. */

const app = Fastify({
  loggerInstance: createLog(),
  logController: new LogController({ disableRequestLogging: true }),
  bodyLimit: 5 * 1024 * 1024,
});
const pool = new pg.Pool({ connectionString: databaseUrl, max: 10 });
const secret = Buffer.from(process.env['SECRET'] ?? '', 'hex');
const keys = (process.env['KEYS'] ?? '')
  .split(',')
  .map((x) => createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }));
logRequests(app);

app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

app.post<{ Body: Buffer; Querystring: { t?: string } }>('/webhooks/fal', async (request, reply) => {
  const { body, headers, query } = request;
  const [requestId, userId, timestamp, signature] = ['request-id', 'user-id', 'timestamp', 'signature'].map((name) =>
    String(headers[`x-fal-webhook-${name}`]),
  );
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) <= 300)) return reply.code(401).send();
  const digest = createHash('sha256').update(body).digest('hex');
  const signed = Buffer.from([requestId, userId, timestamp, digest].join('\n'));
  if (!keys.some((key) => verify(null, signed, key, Buffer.from(signature ?? '', 'hex'))))
    return reply.code(401).send();
  if (JSON.parse(body.toString()).request_id !== requestId) return reply.code(401).send();
  const token = Buffer.from(query.t ?? '', 'base64url');
  const ids = token.subarray(0, 32);
  const tag = createHmac('sha256', secret).update('attempt\n').update(ids).digest().subarray(0, 16);
  if (token.length !== 48 || !timingSafeEqual(token.subarray(32), tag)) return { received: true };
  await pool.query({
    name: 'insert webhook',
    text: `insert into fal_webhooks (id, received_at, request_id, training_id, submission_id, headers, body)
           values ($1, $2, $3, $4, $5, $6, $7)`,
    values: [
      uuidv7(),
      new Date(),
      requestId,
      stringify(ids.subarray(0, 16)),
      stringify(ids.subarray(16)),
      JSON.stringify({ 'x-fal-webhook-user-id': userId, 'x-fal-webhook-timestamp': timestamp, signature }),
      body,
    ],
  });
  return { received: true };
});

await app.listen({ host: '127.0.0.1', port });

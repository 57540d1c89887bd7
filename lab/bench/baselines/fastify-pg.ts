import Fastify, { LogController } from 'fastify';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { AvatarRequest, AvatarSchema } from '../../../src/features/avatars/schemas.ts';
import { createLog, databaseUrl, logRequests, port } from './log.ts';

/* Fastify and pg: one prepared statement per request, with the service's own schemas for validation and
   serialisation. No keys, events, entity tags or metrics. */

const app = Fastify({ loggerInstance: createLog(), logController: new LogController({ disableRequestLogging: true }) });
const pool = new pg.Pool({ connectionString: databaseUrl, max: 10 });
logRequests(app);

const columns = Object.keys(AvatarSchema.properties).filter(
  (name) => !['artifact_verified', 'sandbox', 'latest_training_id', 'is_main', 'has_preview'].includes(name),
);
const rest = { artifact_verified: false, sandbox: true, latest_training_id: null, is_main: false, has_preview: false };

app.get<{ Params: { id: string } }>(
  '/avatars/:id',
  { schema: { response: { 200: AvatarSchema } } },
  async (request, reply) => {
    const { rows } = await pool.query({
      name: 'find avatar',
      text: `select ${columns.join(', ')} from avatars where id = $1`,
      values: [request.params.id],
    });
    return rows[0] ? { ...rows[0], ...rest } : reply.code(404).send();
  },
);

app.post<{ Body: { user_id: string; name: string; gender: string; training_type: string } }>(
  '/avatars',
  { schema: { body: AvatarRequest, response: { 201: AvatarSchema } } },
  async ({ body }, reply) => {
    const { rows } = await pool.query({
      name: 'insert avatar',
      text: `insert into avatars (id, user_id, name, gender, training_type) values ($1, $2, $3, $4, $5)
             returning ${columns.join(', ')}`,
      values: [uuidv7(), body.user_id, body.name, body.gender, body.training_type],
    });
    return reply.code(201).send({ ...rows[0], ...rest });
  },
);

await app.listen({ host: '127.0.0.1', port });

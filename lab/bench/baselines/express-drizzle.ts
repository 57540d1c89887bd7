import { eq } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import express from 'express';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { avatars } from '../../../src/platform/db/schema.ts';
import { createLog, databaseUrl, port } from './log.ts';

/* The common choice: Express 5 and Drizzle's builder, without validation. */

const log = createLog();
const db = drizzle(new pg.Pool({ connectionString: databaseUrl, max: 10 }));
const app = express();

app.use(express.json());
app.use((request, response, next) => {
  const begun = performance.now();
  response.on('finish', () => {
    const { method, url } = request;
    const { statusCode } = response;
    log.info({ method, url, statusCode, duration_ms: performance.now() - begun }, 'request completed');
  });
  next();
});

app.get('/avatars/:id', async (request, response) => {
  const [avatar] = await db.select().from(avatars).where(eq(avatars.id, request.params.id));
  if (avatar) response.json(avatar);
  else response.status(404).end();
});

app.post('/avatars', async (request, response) => {
  const { user_id, name, gender, training_type } = request.body;
  const [avatar] = await db.insert(avatars).values({ id: uuidv7(), user_id, name, gender, training_type }).returning();
  response.status(201).json(avatar);
});

app.listen(port, '127.0.0.1');

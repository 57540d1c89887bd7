import { setTimeout as delay } from 'node:timers/promises';
import fp from 'fastify-plugin';
import { Type } from 'typebox';
import type { Context } from '../context.ts';
import { Problem, type ProblemItem } from '../errors.ts';
import { problemAnswers } from '../http/answers.ts';
import { Closed } from '../http/schemas.ts';
import { migrationsFolder } from '../schema-tools/migrations-folder.ts';
import { type SchemaFault, watchSchema } from '../schema-tools/readiness.ts';
import { markerKey } from './installation.ts';

const patienceMs = 2000;

const Alive = Closed({ status: Type.Literal('alive') }, { examples: [{ status: 'alive' }] });
const Ready = Closed({ status: Type.Literal('ready') }, { examples: [{ status: 'ready' }] });

/**
 * /livez says that the process answers; /readyz that it can do its work: the database is there, at the version of
 * this code and not so changed by hand that statements fail, the object store is there, and the process is not stopping.
 */
export const healthPlugin = fp(
  async (app) => {
    const findSchemaFault = watchSchema(migrationsFolder);
    let draining = false;
    app.addHook('preClose', async () => {
      draining = true;
    });
    app.get(
      '/livez',
      {
        config: { rateLimit: false },
        schema: {
          operationId: 'getLiveness',
          summary: 'Ask whether the process is alive',
          tags: ['operations'],
          security: [],
          response: { 200: Alive },
        },
      },
      async () => ({ status: 'alive' as const }),
    );
    app.get(
      '/readyz',
      {
        config: { rateLimit: false },
        schema: {
          operationId: 'getReadiness',
          summary: 'Ask whether the process can do its work',
          description: 'Asks the database and the object store, with two seconds of patience for each.',
          tags: ['operations'],
          security: [],
          response: { 200: Ready, ...problemAnswers(['not-ready']) },
        },
      },
      async () => {
        const faults = draining
          ? [{ field: 'process', code: 'draining', detail: 'The process is stopping.' }]
          : (await Promise.all([databaseFault(app, findSchemaFault), storageFault(app)])).filter(
              (fault) => fault !== null,
            );
        if (faults.length > 0) {
          throw new Problem('not-ready', faults.map(({ detail }) => detail).join(' '), {
            errors: faults,
            headers: { 'retry-after': '2' },
          });
        }
        return { status: 'ready' as const };
      },
    );
  },
  { name: 'health', dependencies: ['database', 'storage', 'problems'] },
);

async function databaseFault(
  { pool }: Pick<Context, 'pool'>,
  findSchemaFault: ReturnType<typeof watchSchema>,
): Promise<ProblemItem | null> {
  const answer = await within(async (): Promise<{ fault: SchemaFault | null }> => {
    const client = await pool.connect();
    try {
      const fault = await findSchemaFault(client);
      client.release();
      return { fault };
    } catch (error) {
      // A connection that broke under the question goes with it: put back as whole it would keep the pool from closing.
      client.release(true);
      throw error;
    }
  });
  if (answer === null) {
    return { field: 'database', code: 'database-unavailable', detail: 'The database does not answer.' };
  }
  return answer.fault && { field: 'database', ...answer.fault };
}

async function storageFault({ storage }: Pick<Context, 'storage'>): Promise<ProblemItem | null> {
  if ((await within(() => storage.exists(markerKey))) === true) return null;
  return { field: 'storage', code: 'storage-unavailable', detail: 'The object store does not answer, or is not ours.' };
}

// A part that throws or lets a probe wait is not ready; what it says is in the part's own log lines.
async function within<T>(ask: () => Promise<T>): Promise<T | null> {
  const timer = new AbortController();
  try {
    return await Promise.race([ask(), delay(patienceMs, null, { signal: timer.signal, ref: false })]);
  } catch {
    return null;
  } finally {
    timer.abort();
  }
}

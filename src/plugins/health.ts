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
/** A question that has had no answer for so long is asked anew; its connection may have died without a word. */
const givenUpMs = 30_000;

const Alive = Closed({ status: Type.Literal('alive') }, { examples: [{ status: 'alive' }] });
const Ready = Closed({ status: Type.Literal('ready') }, { examples: [{ status: 'ready' }] });

/**
 * /livez says that the process answers; /readyz that it can do its work: the database is there, at the version of
 * this code and not so changed by hand that statements fail, the object store is there, and the process is not stopping.
 */
export const healthPlugin = fp(
  async (app) => {
    const findDatabaseFault = shared(askDatabase(app));
    const findMarker = shared(() => app.storage.exists(markerKey));
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
          : (await Promise.all([databaseFault(findDatabaseFault), storageFault(findMarker)])).filter(
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

type DatabaseAnswer = { fault: SchemaFault | null };

function askDatabase({ pool }: Pick<Context, 'pool'>): () => Promise<DatabaseAnswer> {
  const findSchemaFault = watchSchema(migrationsFolder);
  return async () => {
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
  };
}

async function databaseFault(ask: () => Promise<DatabaseAnswer>): Promise<ProblemItem | null> {
  const answer = await within(ask);
  if (answer === null) {
    return { field: 'database', code: 'database-unavailable', detail: 'The database does not answer.' };
  }
  return answer.fault && { field: 'database', ...answer.fault };
}

async function storageFault(findMarker: () => Promise<boolean>): Promise<ProblemItem | null> {
  if ((await within(findMarker)) === true) return null;
  return { field: 'storage', code: 'storage-unavailable', detail: 'The object store does not answer, or is not ours.' };
}

/**
 * Makes a question that is asked once at a time: who asks meanwhile gets the same answer. A part that is slow would only be
 * slower if each probe that it kept waiting left another question, and another connection, behind.
 */
function shared<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: { at: number; answer: Promise<T> } | undefined;
  return () => {
    if (!asked || performance.now() - asked.at > givenUpMs) {
      const answer = ask().finally(() => {
        if (asked?.answer === answer) asked = undefined;
      });
      asked = { at: performance.now(), answer };
    }
    return asked.answer;
  };
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

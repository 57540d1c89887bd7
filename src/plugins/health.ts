import fp from 'fastify-plugin';
import type { ClientBase } from 'pg';
import { Type } from 'typebox';
import type { Context } from '../context.ts';
import { isConnectionLost } from '../platform/db/faults.ts';
import { Problem, type ProblemItem } from '../errors.ts';
import { problemAnswers } from '../platform/http/answers.ts';
import { Closed } from '../platform/http/schemas.ts';
import { limits } from '../limits.ts';
import { project } from '../database.ts';
import { type SchemaFault, watchSchema } from '@likeness/schema-tools/acts/readiness.ts';
import { tryScratch } from '../platform/storage/scratch.ts';
import { singleFlight } from '../platform/async/single-flight.ts';
import { withTimeout } from '../platform/async/timeout.ts';
import { markerKey } from '../platform/installation/installation.ts';

const Alive = Closed({ status: Type.Literal('alive') }, { examples: [{ status: 'alive' }] });
const Ready = Closed({ status: Type.Literal('ready') }, { examples: [{ status: 'ready' }] });

/**
 * /livez: the process responds. /readyz: the database takes writes and has this code's schema, wake-ups arrive, a
 * worker numbers events, object store and temporary files work, and the process is not stopping.
 */
export const healthPlugin = fp(
  async (app, { worker }: { worker: boolean }) => {
    const questions = [
      shared(askDatabase(app, worker), unanswered),
      shared(() => askStorage(app), markerMissing),
      shared(askScratch, noScratch),
      async () => askWakeups(app),
    ];
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
          summary: 'Check that the process is alive',
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
          summary: 'Check that the process is ready',
          description:
            'Checks the database by a write, the object store, the wake-ups, the numbering of events and the temporary folder, for at most two seconds each. `errors` names what is not ready.',
          tags: ['operations'],
          security: [],
          response: { 200: Ready, ...problemAnswers(['not-ready']) },
        },
      },
      async () => {
        const faults = draining
          ? [{ field: 'process', code: 'draining', detail: 'The process is stopping.' }]
          : (await Promise.all(questions.map((ask) => ask()))).filter((fault) => fault !== null);
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

const unanswered = fault('database', 'database-unavailable', 'The database does not answer.');
const markerMissing = fault('storage', 'storage-unavailable', 'The object store does not answer, or is not ours.');
const noScratch = fault('scratch', 'scratch-unavailable', 'Temporary files cannot be written: see TMPDIR.');
const deaf = fault('wakeups', 'wakeups-unavailable', 'The connection to the database that hears of new work is lost.');
const unnumbered = fault('events', 'events-stalled', 'Events are not numbered, so clients do not receive them.');

function fault(field: string, code: string, detail: string): ProblemItem {
  return { field, code, detail };
}

function askDatabase({ pool }: Pick<Context, 'pool'>, worker: boolean): () => Promise<ProblemItem | null> {
  const findSchemaFault = watchSchema(project);
  return async () => {
    const client = await pool.connect();
    try {
      const schemaFault: SchemaFault | null = await inTime(findSchemaFault(client));
      const found = schemaFault
        ? fault('database', schemaFault.code, schemaFault.detail)
        : ((await inTime(tryWrite(client))) ?? (worker ? await inTime(lookForUnnumbered(client)) : null));
      client.release();
      return found;
    } catch (error) {
      // Destroyed, since a broken connection in the pool would keep the pool from closing.
      client.release(true);
      throw error;
    }
  };
}

// Only a committed write proves free disk space and that this is no standby.
async function tryWrite(client: ClientBase): Promise<ProblemItem | null> {
  try {
    await client.query('update installation set created_at = created_at where id = 1');
    return null;
  } catch (error) {
    if (isConnectionLost(error)) throw error;
    const { code = 'no code' } = error as { code?: string };
    return fault('database', 'database-unwritable', `The database accepts no writes (${code}).`);
  }
}

async function lookForUnnumbered(client: ClientBase): Promise<ProblemItem | null> {
  const { rows } = await client.query<{ stalled: boolean }>(
    `select created_at < now() - $1 * interval '1 ms' as stalled from events where sequence is null order by id limit 1`,
    [limits.numbering.ms],
  );
  return rows[0]?.stalled ? unnumbered : null;
}

async function askStorage({ storage }: Pick<Context, 'storage'>): Promise<ProblemItem | null> {
  return (await inTime(storage.exists(markerKey))) ? null : markerMissing;
}

async function askScratch(): Promise<null> {
  await tryScratch(limits.readinessQuestion.ms);
  return null;
}

// A connection that just broke is reopened at once.
function askWakeups({ wakeups }: Pick<Context, 'wakeups'>): ProblemItem | null {
  return wakeups.deafMs() > limits.deafness.ms ? deaf : null;
}

function inTime<T>(answer: Promise<T>): Promise<T> {
  return withTimeout(limits.readinessQuestion.ms, answer, () => new Error('a check of /readyz had no answer'));
}

/**
 * Single-flight: concurrent callers share one run of the check, so that probes do not slow a slow part further.
 * @param otherwise the result when the check throws or takes too long
 */
function shared(ask: () => Promise<ProblemItem | null>, otherwise: ProblemItem): () => Promise<ProblemItem | null> {
  const answer = singleFlight(() => ask().catch(() => otherwise));
  return () => withTimeout(limits.readiness.ms, answer(), () => new Error('late')).catch(() => otherwise);
}

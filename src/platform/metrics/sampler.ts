import { sql } from 'drizzle-orm';
import type { FastifyBaseLogger } from 'fastify';
import { Gauge, type Registry } from 'prom-client';
import { singleFlight } from '../async/single-flight.ts';
import { endsWithin } from '../async/timeout.ts';
import type { Database, Db } from '../db/client.ts';

export type Sample = { gauges: Gauge[]; read: (db: Db) => Promise<void> };

export type Sampler = {
  add(sample: Sample): void;
  /** Resolves when the gauges are fresh or known to be unavailable. Never throws. */
  refresh(): Promise<void>;
};

/** How long a sample serves further scrapes. */
const freshMs = 5000;
/** How long a scrape waits for a sample; scrapers wait 10 s by default. */
const patienceMs = 3000;

/**
 * Reads gauges from the database for scrapes, in one read-only transaction however many scrape at once. When the
 * database is slow or away, a scrape gets the process's own metrics and no stale gauges.
 */
export function createSampler(
  { db, metrics, log }: { db: Database; metrics: Registry; log: FastifyBaseLogger },
  { fresh = freshMs, patience = patienceMs } = {},
): Sampler {
  const samples: Sample[] = [];
  const readable = new Gauge({
    name: 'likeness_database_readable',
    help: '1 when the gauges read from the database are current, 0 when they are missing.',
    registers: [metrics],
  });
  let readAt = Number.NEGATIVE_INFINITY;

  const readAll = singleFlight(async () => {
    try {
      await db.transaction(
        async (tx) => {
          await tx.execute(sql.raw(`set local statement_timeout = ${patience}`));
          for (const { read } of samples) await read(tx);
        },
        { accessMode: 'read only' },
      );
      readAt = performance.now();
    } catch (error) {
      log.warn({ err: error }, 'the gauges could not be read from the database');
      forget();
    }
  });

  function forget(): void {
    readAt = Number.NEGATIVE_INFINITY;
    readable.set(0);
    for (const gauge of samples.flatMap(({ gauges }) => gauges)) {
      gauge.reset();
      // Reset would set a gauge without labels to 0, a false statement about the database.
      gauge.remove();
    }
  }

  return {
    add: (sample) => void samples.push(sample),
    async refresh() {
      if (performance.now() - readAt < fresh) return;
      if (!(await endsWithin(patience, readAll()))) forget();
      else if (readAt > Number.NEGATIVE_INFINITY) readable.set(1);
    },
  };
}

import { run as migra } from '@pgkit/migra';
import { pushSchema } from 'drizzle-kit/api';
import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import * as model from '../../src/platform/db/schema.ts';
import type { Catalog } from '@likeness/schema-tools/catalog/objects.ts';
import { compareSides } from '@likeness/schema-tools/fix/compare.ts';
import { catalogAfter } from '../ground/zoo/database.ts';
import * as zoo from '../ground/zoo/model.ts';

/** A tool that finds drift: its answer for a database changed by some statements. */
export type Engine = { name: string; find: (sql: string) => Promise<string[]> };

/** Our check, on one database, which each case restores. */
export function ownEngine(client: pg.Client, expected: Catalog): Engine {
  return {
    name: 'likeness db check',
    async find(sql) {
      const live = await catalogAfter(client, sql, expected);
      return compareSides({ live, applied: expected, all: expected, unadopted: false }).map(
        ({ code, severity, object, cause }) => `${code} ${severity} ${object} ${cause}`,
      );
    },
  };
}

/** What drizzle-kit would push. It fails at a composite primary key, so the one table with one is left out. */
export function drizzleKitEngine(client: pg.Client): Engine {
  return {
    name: 'drizzle-kit 0.31.11 push',
    async find(sql) {
      await client.query('begin');
      try {
        await client.query(sql);
        const { statementsToExecute } = await pushSchema(
          { ...model, ...zoo, idempotencyKeys: undefined },
          drizzle(client),
          ['public'],
          ['!idempotency_keys'],
        );
        return statementsToExecute;
      } finally {
        await client.query('rollback');
      }
    },
  };
}

/**
 * What migra would run to restore a changed database. It opens its own connections, so it needs databases with the
 * drift.
 * @param copies returns the URLs of two complete databases, the changed one and the clean one
 */
export function migraEngine(copies: () => Promise<{ changed: string; clean: string }>): Engine {
  return {
    name: '@pgkit/migra 0.6.1',
    async find(sql) {
      const { changed, clean } = await copies();
      const client = new pg.Client(changed);
      await client.connect();
      try {
        await client.query(sql);
      } finally {
        await client.end();
      }
      const { sql: script } = await migra(changed, clean, { unsafe: true });
      return script
        .split(/;\s*\n/)
        .map((statement) => statement.trim())
        .filter(Boolean);
    },
  };
}

import { run as migra } from '@pgkit/migra';
import { pushSchema } from 'drizzle-kit/api';
import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import * as model from '../../src/platform/db/schema.ts';
import type { Catalog } from '@likeness/schema-tools/catalog/objects.ts';
import { compareSides } from '@likeness/schema-tools/fix/compare.ts';
import { catalogAfter } from '../ground/zoo/database.ts';
import * as zoo from '../ground/zoo/model.ts';

/** Something that finds drift: what it says of a database that was changed by these statements. */
export type Engine = { name: string; find: (sql: string) => Promise<string[]> };

/** Our own check, on a connection to the whole database, which each case leaves as it was. */
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

/** What drizzle-kit would push. It stops at a primary key of two columns, so the one table that has one is left out. */
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
 * What migra would do to make a changed database like a clean one. It opens connections of its own, so it needs databases
 * that hold the drift.
 * @param copies gives the URLs of two whole databases, the changed one and the clean one
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

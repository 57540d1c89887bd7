import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { createDatabase, type Database, type DatabaseOptions } from '../../src/db/client.ts';
import { joinCluster } from './test-cluster.ts';
import { ensureTemplate, withDatabase } from './test-template.ts';

/** What a database is bound to: tap's `t`, of a file or of one test in it. */
export type Scope = { teardown(handler: () => Promise<void>): unknown };

export type TestDatabase = { url: string; name: string; pool: pg.Pool; db: Database };

let server: Promise<string> | undefined;
let template: Promise<string> | undefined;

/**
 * The URL of the server that tests work on: TEST_DATABASE_URL or DATABASE_URL, whose role must be allowed to create
 * databases; else one embedded cluster, started by the first test file and shared by all.
 */
export function testServer(): Promise<string> {
  server ??= findServer();
  return server;
}

/** A migrated database of its own for this scope, with a pool; both are gone when the scope ends. */
export async function createTestDatabase(scope: Scope, options: DatabaseOptions = {}): Promise<TestDatabase> {
  const url = await testServer();
  template ??= ensureTemplate(url);
  const { name, url: own } = await create(scope, url, await template);
  const { pool, db, close } = createDatabase(own, { max: 5, applicationName: `test ${name}`, ...options });
  scope.teardown(close);
  return { url: own, name, pool, db };
}

/** A database without any table for this scope; for tests of the migrations themselves. */
export async function createEmptyDatabase(scope: Scope): Promise<{ url: string; name: string }> {
  return create(scope, await testServer(), 'template0');
}

/** Runs statements over one connection to `url`, each with the rows of the last. */
export async function queryOnce<Row extends pg.QueryResultRow>(
  url: string,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows } = await client.query<Row>(text, values);
    return rows;
  } finally {
    await client.end();
  }
}

const given = process.env['TEST_DATABASE_URL'] || process.env['DATABASE_URL'];
// Copying files asks for two checkpoints, which cost a server next to nothing that lives in memory and never syncs.
const strategy = given ? '' : 'strategy file_copy';

async function findServer(): Promise<string> {
  return given || joinCluster();
}

async function create(scope: Scope, serverUrl: string, source: string): Promise<{ url: string; name: string }> {
  const name = `likeness_test_${randomUUID().replaceAll('-', '')}`;
  await queryOnce(serverUrl, `create database ${name} template ${source} ${strategy}`);
  // Registered first, so it runs last: whoever is still connected then has forgotten to close.
  scope.teardown(async () => {
    await queryOnce(serverUrl, `drop database if exists ${name} with (force)`);
  });
  return { url: withDatabase(serverUrl, name), name };
}

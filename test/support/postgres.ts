import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { createDatabase, type Database, type DatabaseOptions } from '../../src/platform/db/client.ts';
import type { Scope } from '../../lab/ground/scope.ts';
import { queryOnce } from './client.ts';
import { joinCluster } from './test-cluster.ts';
import { ensureTemplate, withDatabase } from './test-template.ts';
import { lookAt, type Pristine, restore } from './used-database.ts';

export type { Scope };
export { queryOnce };

export type TestDatabase = { url: string; name: string; pool: pg.Pool; db: Database };

type Named = { url: string; name: string };

let server: Promise<string> | undefined;
let template: Promise<string> | undefined;

/**
 * The URL of the test server: TEST_DATABASE_URL or DATABASE_URL, whose role must be able to create databases; else an
 * embedded cluster, started by the first test file and shared by all.
 */
export function testServer(): Promise<string> {
  server ??= findServer();
  return server;
}

/** A migrated database with a pool, both until the scope ends. */
export async function createTestDatabase(scope: Scope, options: DatabaseOptions = {}): Promise<TestDatabase> {
  const { name, url } = await migrated.take(scope);
  const { pool, db, close } = createDatabase(url, { max: 5, applicationName: `test ${name}`, ...options });
  scope.teardown(close);
  return { url, name, pool, db };
}

/** An empty database until the scope ends, for tests of the migrations themselves. */
export function createEmptyDatabase(scope: Scope): Promise<Named> {
  return empty.take(scope);
}

const given = process.env['TEST_DATABASE_URL'] || process.env['DATABASE_URL'];
// file_copy needs two checkpoints, which are cheap on a server in memory without fsync.
const strategy = given ? '' : 'strategy file_copy';

async function findServer(): Promise<string> {
  return given || joinCluster();
}

const migrated = createStock(async (serverUrl) => create(serverUrl, await (template ??= ensureTemplate(serverUrl))));
const empty = createStock((serverUrl) => create(serverUrl, 'template0'));

/** Reuses databases, one scope at a time: creating and dropping them is most of what a test costs. */
function createStock(make: (serverUrl: string) => Promise<Named>) {
  const spare: Named[] = [];
  let pristine: Promise<Pristine> | undefined;

  async function makeNew(): Promise<Named> {
    const database = await make(await testServer());
    pristine ??= lookAt(database.url);
    await pristine;
    return database;
  }

  async function giveBack(database: Named): Promise<void> {
    if (pristine && (await restore(database.url, await pristine))) spare.push(database);
    else await drop(database);
  }

  // Databases in the tests' own cluster go with it.
  if (given) process.once('beforeExit', () => void Promise.all(spare.map(drop)));

  return {
    async take(scope: Scope): Promise<Named> {
      const database = spare.pop() ?? (await makeNew());
      // Registered first, so it runs last: a connection that is still open was not closed by its owner.
      scope.teardown(() => giveBack(database));
      return database;
    },
  };
}

async function create(serverUrl: string, source: string): Promise<Named> {
  const name = `likeness_test_${randomUUID().replaceAll('-', '')}`;
  await queryOnce(serverUrl, `create database ${name} template ${source} ${strategy}`);
  return { url: withDatabase(serverUrl, name), name };
}

async function drop({ name }: Named): Promise<void> {
  await queryOnce(await testServer(), `drop database if exists ${name} with (force)`);
}

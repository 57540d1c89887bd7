import { once } from 'node:events';
import { createServer } from 'node:net';
import { pathToFileURL } from 'node:url';
import { pino } from 'pino';
import t from 'tap';
import { type Environment, makeConfig, readSettings } from '../../src/config.ts';
import { createDatabase } from '../../src/platform/db/client.ts';
import { stablePort } from '../../lab/ground/ports.ts';
import { createKey } from '../../src/features/keys/create-key.ts';
import { startService } from '../../src/serve.ts';
import { explainStartFault, type StartFault } from '../../src/start-faults.ts';
import { createEmptyDatabase, createTestDatabase, queryOnce } from '../support/postgres.ts';

type Tap = { testdir(): string };
const log = pino({ level: 'silent' });

async function environmentFor(t: Tap, databaseUrl: string, more: Environment = {}): Promise<Environment> {
  return {
    FAL_MODE: 'sandbox',
    FAL_BASE_URL: 'http://127.0.0.1:9',
    DATABASE_URL: databaseUrl,
    STORAGE_URL: more['STORAGE_URL'] ?? pathToFileURL(t.testdir()).href,
    PUBLIC_URL: 'http://127.0.0.1:1',
    PORT: String(await stablePort()),
    SHUTDOWN_GRACE_SECONDS: '1',
    ...more,
  };
}

/** Starts the service in this process, ends it if it does start, and gives the words for what kept it from starting. */
async function faultOf(environment: Environment): Promise<StartFault | null> {
  try {
    const service = await startService(makeConfig(readSettings(environment)), 'all', log);
    await service.close();
    return null;
  } catch (error) {
    return explainStartFault(error);
  }
}

t.test('the port is taken', async (t) => {
  const { url } = await createTestDatabase(t);
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const address = server.address();
  const port = typeof address === 'object' && address ? String(address.port) : '';
  t.same(await faultOf(await environmentFor(t, url, { PORT: port })), {
    message: `Port ${port} of 127.0.0.1 is taken by another process: end that one, or choose another PORT.`,
    exitCode: 1,
    expected: true,
  });
});

t.test('HOST is no address of this machine', async (t) => {
  const { url } = await createTestDatabase(t);
  t.same(await faultOf(await environmentFor(t, url, { HOST: '192.0.2.1' })), {
    message: "HOST can't be listened on: 192.0.2.1 is no address of this machine.",
    exitCode: 1,
    expected: true,
  });
});

t.test('the database cannot be reached', async (t) => {
  const port = await stablePort();
  const fault = await faultOf(await environmentFor(t, `postgresql://me:hunter2@127.0.0.1:${port}/likeness`));
  t.match(fault, {
    message: new RegExp(
      `^Can't connect to the database likeness at 127\\.0\\.0\\.1:${port}: .*\\. Start PostgreSQL there, or correct DATABASE_URL\\.$`,
    ),
    exitCode: 1,
    expected: true,
  });
  t.notMatch(fault?.message, 'hunter2');
});

t.test('the database was never migrated, or by other code', async (t) => {
  const empty = await createEmptyDatabase(t);
  t.same(await faultOf(await environmentFor(t, empty.url)), {
    message: 'The database holds no tables of Likeness yet: run `likeness db migrate` first.',
    exitCode: 1,
    expected: true,
  });

  const { url } = await createTestDatabase(t);
  await queryOnce(url, 'update pgboss.version set version = version - 1');
  t.match(await faultOf(await environmentFor(t, url)), { message: /its schema has version 42/, exitCode: 1 });
  await queryOnce(url, 'update pgboss.version set version = version + 2');
  t.match(await faultOf(await environmentFor(t, url)), { message: /queue is newer than this code/, exitCode: 1 });

  await queryOnce(url, 'insert into drizzle.__drizzle_migrations (hash, created_at) values ($1, $2)', ['x', 1]);
  t.match(await faultOf(await environmentFor(t, url)), { message: /matches no file/, exitCode: 1, expected: true });
});

t.test('an older image starts again on a database that newer code migrated', async (t) => {
  const { url } = await createTestDatabase(t);
  await queryOnce(
    url,
    `insert into drizzle.__drizzle_migrations (hash, created_at) values ('newer', extract(epoch from now() + interval '10 years') * 1000);
     alter table avatars add column later text; drop index ix_avatar_photos_avatar_id_file_hash`,
  );
  t.equal(await faultOf(await environmentFor(t, url)), null);
});

t.test('the database belongs to another fal mode, or to another store', async (t) => {
  const { url } = await createTestDatabase(t);
  const stores = pathToFileURL(t.testdir({ first: {}, second: {} })).href;
  const environment = await environmentFor(t, url, { STORAGE_URL: `${stores}/first` });
  t.equal(await faultOf(environment), null, 'the first start pins it');

  const live = { FAL_MODE: 'live', FAL_KEY: 'id:hunter2', PUBLIC_URL: 'https://likeness.example', FAL_BASE_URL: '' };
  t.match(await faultOf({ ...environment, ...live }), {
    message: /^This database was first used with FAL_MODE=sandbox and can't be used with FAL_MODE=live: /,
    exitCode: 78,
    expected: true,
  });

  t.match(await faultOf({ ...environment, STORAGE_URL: `${stores}/second` }), {
    message: /is not the object store this database was first used with \(its marker is missing\)/,
    exitCode: 78,
    expected: true,
  });
  t.equal(await faultOf(environment), null, 'the refused starts changed nothing');
});

t.test('the object store cannot be used', async (t) => {
  const { url } = await createTestDatabase(t);
  const folder = t.testdir({ file: 'no folder' });
  const fault = await faultOf(await environmentFor(t, url, { STORAGE_URL: pathToFileURL(`${folder}/file`).href }));
  t.match(fault, { message: /^The object store can't be used: .*Check STORAGE_URL\.$/, exitCode: 1, expected: true });
});

t.test('a fault that nobody foresaw is told with its trace', async (t) => {
  t.match(explainStartFault(new TypeError('x is not a function')), {
    message: 'Likeness could not start: x is not a function',
    expected: false,
  });
});

t.test('a database that is away is told in a sentence, without the statement and its values', async (t) => {
  const database = createDatabase('postgresql://postgres@127.0.0.1:9/none');
  t.teardown(database.close);
  const error: unknown = await createKey(database, { name: 'ada', scopes: ['admin'] }).then(
    () => null,
    (reason: unknown) => reason,
  );
  t.same(explainStartFault(error), {
    message:
      "Can't connect to the database: connect ECONNREFUSED 127.0.0.1:9. Start PostgreSQL there, or correct DATABASE_URL.",
    exitCode: 1,
    expected: true,
  });
});

import { once } from 'node:events';
import { connect } from 'node:net';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { stablePort } from '../../lab/ground/ports.ts';
import type { Environment } from '../../src/config.ts';
import { kitMigrate } from '../support/drizzle-kit.ts';
import { createEmptyDatabase, createTestDatabase } from '../support/postgres.ts';
import { runCommand, startCommand } from '../support/command.ts';
import { until } from '../support/until.ts';

async function settings(
  databaseUrl: string,
  folder: string,
  more: Environment = {},
): Promise<{ environment: Environment; url: string }> {
  const port = String(await stablePort());
  const url = `http://127.0.0.1:${port}`;
  const environment = {
    FAL_MODE: 'sandbox',
    FAL_BASE_URL: 'http://127.0.0.1:9',
    DATABASE_URL: databaseUrl,
    STORAGE_URL: pathToFileURL(folder).href,
    PUBLIC_URL: url,
    PORT: port,
    SHUTDOWN_GRACE_SECONDS: '2',
    ...more,
  };
  return { environment, url };
}

t.test('serves, says the mode of fal, and ends on SIGTERM with 0', async (t) => {
  const database = await createTestDatabase(t);
  const { environment, url } = await settings(database.url, t.testdir());
  for (const role of ['api', 'worker']) {
    const service = startCommand(t, ['serve', '--role', role], environment);
    await service.shows(`as ${role}`);
    t.match(service.stderr(), 'fal: SANDBOX — nothing is paid, nothing is real');
    t.match(service.stdout(), /listening at .*; Likeness \d+\.\d+\.\d+/);
    await until('it is ready', async () => (await fetch(`${url}/readyz`)).ok);
    t.equal((await fetch(`${url}/openapi.json`)).status, 200, 'every role describes what it serves');
    t.equal((await fetch(`${url}/v1/trainings`)).status, role === 'worker' ? 404 : 401);
    service.child.kill('SIGTERM');
    t.equal(await service.ended, 0);
    t.match(service.stdout(), '"msg":"stopped"');
  }
});

t.test('an empty database that drizzle-kit alone migrated is served', async (t) => {
  const database = await createEmptyDatabase(t);
  await kitMigrate(database.url);
  const { environment, url } = await settings(database.url, t.testdir());
  const service = startCommand(t, ['serve'], environment);
  await service.shows('listening at');
  t.equal((await fetch(`${url}/readyz`)).status, 200);
});

t.test('a request under way when the service stops is answered', async (t) => {
  const database = await createTestDatabase(t);
  const { environment, url } = await settings(database.url, t.testdir());
  const service = startCommand(t, ['serve'], environment);
  await service.shows('listening at');
  // A request that arrives in two halves is under way between them.
  const socket = connect(Number(environment['PORT']), '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  socket.write('GET /livez HTTP/1.1\r\nhost: x\r\n\r\nGET /livez HTTP/1.1\r\n');
  await until('the first answer', () => answer.includes('alive'));
  service.child.kill('SIGTERM');
  await until('the listener is gone', () =>
    fetch(url).then(
      () => false,
      () => true,
    ),
  );
  socket.write('host: x\r\n\r\n');
  await once(socket, 'close');
  t.equal(answer.match(/HTTP\/1\.1 200/g)?.length, 2);
  t.match(answer, /connection: close/i);
  t.equal(await service.ended, 0);
});

t.test('a second signal ends it at once', async (t) => {
  const database = await createTestDatabase(t);
  const { environment } = await settings(database.url, t.testdir(), { SHUTDOWN_GRACE_SECONDS: '60' });
  const service = startCommand(t, ['serve'], environment);
  await service.shows('listening at');
  const socket = connect(Number(environment['PORT']), '127.0.0.1');
  t.teardown(async () => void socket.destroy());
  socket.on('error', () => undefined);
  socket.write('GET /livez HTTP/1.1\r\n');
  await once(socket, 'connect');
  service.child.kill('SIGTERM');
  await service.shows('"stopping"');
  service.child.kill('SIGTERM');
  t.equal(await service.ended, 1);
});

t.test('no settings', async (t) => {
  const { code, stderr } = await runCommand(t, ['serve'], {});
  t.equal(code, 78);
  t.match(stderr, /^FAL_MODE is not set: say `live` to pay fal or `sandbox` not to\.$/m);
  t.notMatch(stderr, /^\s+at /m, 'no stack trace');
});

t.test('a fault at start-up ends the process with a sentence', async (t) => {
  const database = await createTestDatabase(t);
  const { environment } = await settings(database.url, t.testdir(), { HOST: '192.0.2.1' });
  const { code, stderr } = await runCommand(t, ['serve'], environment);
  t.equal(code, 1);
  t.match(stderr, "HOST can't be listened on: 192.0.2.1 is no address of this machine.\n");
  t.notMatch(stderr, /^\s+at /m, 'no stack trace');
});

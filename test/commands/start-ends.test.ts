import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import type { Environment } from '../../src/config.ts';
import { databaseUrlWith } from '../../src/platform/db/url.ts';
import { stablePort } from '../../lab/ground/ports.ts';
import { runCommand } from '../support/command.ts';
import { createTestDatabase, queryOnce } from '../support/postgres.ts';

type Scope = Parameters<typeof createTestDatabase>[0];

/** A server that takes connections and bytes, and says nothing. */
async function silentServer(scope: Scope): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => void sockets.add(socket.on('error', () => undefined))).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  scope.teardown(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

async function environmentFor(folder: string, url: string): Promise<Environment> {
  return {
    FAL_MODE: 'sandbox',
    FAL_BASE_URL: 'http://127.0.0.1:9',
    DATABASE_URL: url,
    STORAGE_URL: pathToFileURL(folder).href,
    PUBLIC_URL: 'http://127.0.0.1:1',
    PORT: String(await stablePort()),
    AWS_ACCESS_KEY_ID: 'x',
    AWS_SECRET_ACCESS_KEY: 'y',
  };
}

const faults: [
  title: string,
  make: (scope: Scope, url: string) => Promise<Environment>,
  sentence: RegExp,
  code: number,
  /** Commands for which it can't occur, and why. */
  never?: Record<string, string>,
][] = [
  [
    'a database that takes no writes',
    async (_scope, url) => {
      await queryOnce(
        url,
        `do $$ begin execute format('alter database %I set default_transaction_read_only = on', current_database()); end $$`,
      );
      return {};
    },
    /^The database can't be worked on \(writes\): it takes no writes: default_transaction_read_only is on/m,
    1,
  ],
  [
    'an object store that says nothing',
    async (scope) => ({
      STORAGE_URL: `s3://bucket/p?endpoint=http://127.0.0.1:${await silentServer(scope)}&region=eu`,
    }),
    /^The object store .*(did not answer|can't be used)/m,
    1,
  ],
  [
    'an object store where no folder can be',
    async () => ({ STORAGE_URL: 'file:///proc/x' }),
    /^The object store can't be used/m,
    1,
  ],
  [
    'a port that is taken',
    async (scope) => ({ PORT: String(await silentServer(scope)) }),
    /^Port \d+ of 127\.0\.0\.1 is taken/m,
    1,
    { demo: 'it listens on a port that is free' },
  ],
  [
    'a database that says nothing',
    async (scope) => ({ DATABASE_URL: `postgresql://u:hunter2@127.0.0.1:${await silentServer(scope)}/d` }),
    /^Can't connect to the database d at 127\.0\.0\.1/m,
    1,
  ],
  [
    'a database that is not there',
    async (_scope, url) => ({ DATABASE_URL: databaseUrlWith(url, 'likenes') }),
    /Create that database on the server, or correct its name in DATABASE_URL\.$/m,
    1,
  ],
  ['a setting that can not work', async () => ({ PUBLIC_URL: 'https://a.example/x' }), /^PUBLIC_URL has a path/m, 78],
];

// Loading takes some seconds more while the lines that run are counted.
const longestMs = process.env['NODE_V8_COVERAGE'] === undefined ? 15_000 : 25_000;
t.setTimeout(600_000);

const starts = [
  ['serve'],
  ['serve', '--role', 'worker'],
  ['start', '--sandbox'],
  ['dev', '--sandbox'],
  ['demo', '--sandbox'],
];

for (const args of starts) {
  for (const [title, make, sentence, expected, never = {}] of faults) {
    if (never[args[0] ?? '']) continue;
    t.test(`${args.join(' ')} ends with a sentence: ${title}`, async (t) => {
      const { url } = await createTestDatabase(t);
      const environment = { ...(await environmentFor(t.testdir(), url)), ...(await make(t, url)) };
      const began = performance.now();
      const { code, stderr } = await runCommand(t, args, environment);
      t.equal(code, expected);
      t.match(stderr, sentence);
      t.notMatch(stderr, /^\s+at /m, 'no stack trace');
      t.notMatch(stderr, 'hunter2');
      t.ok(performance.now() - began < longestMs, `it took ${Math.round(performance.now() - began)} ms`);
    });
  }
}

for (const args of [
  ['keys', 'list'],
  ['db', 'migrate'],
]) {
  t.test(`${args.join(' ')} ends with a sentence: a database that says nothing`, async (t) => {
    const url = `postgresql://u:hunter2@127.0.0.1:${await silentServer(t)}/d`;
    const began = performance.now();
    const { code, stderr } = await runCommand(t, args, { DATABASE_URL: url });
    t.equal(code, 1);
    t.match(stderr, /^(Can't connect to the database|The database can't be worked with now: ).*DATABASE_URL\.$/m);
    t.notMatch(stderr, /^\s+at /m, 'no stack trace');
    t.notMatch(stderr, 'hunter2');
    t.ok(performance.now() - began < longestMs);
  });
}

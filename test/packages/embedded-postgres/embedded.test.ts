import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { t, type Test } from '../../support/tap.ts';
import { EmbeddedError } from '@likeness/embedded-postgres/error.ts';
import { locateBinaries } from '@likeness/embedded-postgres/binaries.ts';
import { failure } from '@likeness/embedded-postgres/server.ts';
import { type Embedded, startEmbedded, stopEmbedded } from '@likeness/embedded-postgres/index.ts';
import { isAlive } from '@likeness/embedded-postgres/lock-file.ts';
import { queryOnce } from '../../support/postgres.ts';
import { until } from '../../support/until.ts';

const childScript = join(import.meta.dirname, '../../support/embedded-child.ts');

// One cluster on one folder goes through all that follows, as it would on a developer's machine; initdb is the slow part.
const place = await mkdtemp(join(tmpdir(), 'likeness-embedded-test-'));
await chmod(place, 0o755);
const dir = join(place, 'postgres');
const database = 'likeness';
t.teardown(async () => {
  await stopEmbedded(dir);
  await rm(place, { recursive: true });
});

t.test('a cold start makes the cluster and the database', async (t) => {
  const server = await startEmbedded({ dir, database });
  t.ok(server.owner);
  const [row] = await queryOnce<{ database: string; version: number; zone: string; lower: string }>(
    server.url,
    `select current_database() as database, current_setting('server_version_num')::int / 10000 as version,
       current_setting('timezone') as zone, lower('ÄRA') as lower`,
  );
  t.same(row, { database: 'likeness', version: 18, zone: 'UTC', lower: 'ära' });
  t.same(await queryOnce(server.url, 'show fsync'), [{ fsync: 'on' }]);
  t.same(await queryOnce(server.url, 'show listen_addresses'), [{ listen_addresses: '' }], 'no port is open');
  const socket = decodeURIComponent(new URL(server.url).host);
  t.equal((await stat(socket)).mode & 0o077, 0, 'nobody else may enter the folder of the socket');

  await queryOnce(server.url, 'create table kept (word text)');
  await queryOnce(server.url, `insert into kept values ('first')`);
  await server.stop();
  await t.rejects(queryOnce(server.url, 'select'), 'it is stopped');
  await t.rejects(stat(socket), 'and its socket folder is gone');
});

t.test('a warm start keeps the data and takes settings', async (t) => {
  const server = await startEmbedded({ dir, database, settings: { work_mem: '5MB' } });
  t.same(await words(server), ['first']);
  t.same(await queryOnce(server.url, 'show work_mem'), [{ work_mem: '5MB' }]);
});

t.test('a running server is adopted, and only its owner stops it', async (t) => {
  const { child, answer } = await startChild(t);
  const own = await startEmbedded({ dir, database });
  t.equal(answer.pid, own.pid, 'both have the same server');
  t.ok(own.owner, 'this process started it');
  t.notOk(answer.owner, 'the other one adopted it');
  await end(child);
  t.same(await words(own), ['first'], 'it goes on when the other one has ended');
  await own.stop();
});

t.test('after a kill -9 of the owner the next one adopts the server, and owns it', async (t) => {
  const { child, answer } = await startChild(t);
  t.ok(answer.owner);
  await end(child);
  t.ok(isAlive(answer.pid), 'the server survives its owner');
  const next = await startEmbedded({ dir, database });
  t.equal(next.pid, answer.pid);
  t.ok(next.owner);
});

t.test('after a kill -9 of the server a start brings the committed data back', async (t) => {
  const before = await startEmbedded({ dir, database });
  const idle = new pg.Client(before.url);
  idle.on('error', () => undefined);
  await idle.connect();
  await idle.query(`insert into kept values ('second')`);
  process.kill(before.pid, 'SIGKILL');
  const after = await startEmbedded({ dir, database });
  t.not(after.pid, before.pid);
  t.same(await words(after), ['first', 'second']);
  await idle.end().catch(() => undefined);
  await after.stop();
});

t.test('several processes that start at once share one server', async (t) => {
  const children = await Promise.all([startChild(t), startChild(t), startChild(t)]);
  t.equal(new Set(children.map(({ answer }) => answer.pid)).size, 1);
  t.equal(children.filter(({ answer }) => answer.owner).length, 1, 'one of them owns it');
  await Promise.all(children.map(({ child }) => end(child)));
  await stopEmbedded(dir);
});

t.test('what a crash leaves behind keeps nobody from starting', async (t) => {
  const dead = await deadProcess();
  await writeFile(join(dir, 'start.lock'), JSON.stringify({ pid: dead, host: hostname(), nonce: 'gone' }));
  await mkdir(join(dir, 'data.init.gone'));
  // The id in postmaster.pid belongs to another program now, as happens in containers: here to this very one.
  await writeFile(join(dir, 'data/postmaster.pid'), `${process.pid}\n${join(dir, 'data')}\n0\n5432\n/nowhere\n\n`);
  const server = await startEmbedded({ dir, database });
  t.same(await words(server), ['first', 'second']);
  await server.stop();
});

t.test('it works in a folder that only its owner may enter', async (t) => {
  const closed = join(place, 'closed');
  await mkdir(closed, { mode: 0o700 });
  const inside = join(closed, 'postgres');
  if (process.getuid?.() === 0 && spawnSync('unshare', ['--user', 'true']).status !== 0) {
    return t.rejects(startEmbedded({ dir: inside, database }), {
      code: 'root-unreachable',
      message: /refuses to run as root/,
    });
  }
  const server = await startEmbedded({ dir: inside, database, settings: { fsync: 'off' } });
  t.teardown(() => server.stop());
  t.same(await queryOnce(server.url, 'select 1 as one'), [{ one: 1 }]);
});

t.test('it works without a HOME and when a TMPDIR is too long for a socket', async (t) => {
  const long = join(place, 'x'.repeat(100));
  await mkdir(long);
  const { child, answer } = await startChild(t, { HOME: '/nonexistent', TMPDIR: long });
  t.same(await queryOnce(answer.url, 'select 1 as one'), [{ one: 1 }]);
  await end(child);
  await stopEmbedded(dir);
});

t.test('what it can not do it says in one sentence', async (t) => {
  await t.rejects(locateBinaries('sunos-sparc'), { code: 'unsupported-platform', message: /only for linux-x64/ });
  const absent = process.platform === 'darwin' ? 'linux-x64' : 'darwin-arm64';
  await t.rejects(locateBinaries(absent), { code: 'binaries-missing', message: /npm ci/ });

  const file = join(place, 'file');
  await writeFile(file, '');
  await t.rejects(startEmbedded({ dir: join(file, 'postgres'), database }), {
    code: 'directory-unusable',
    message: /ENOTDIR/,
  });

  const old = join(place, 'old');
  await mkdir(join(old, 'data'), { recursive: true });
  await writeFile(join(old, 'data/PG_VERSION'), '15\n');
  await t.rejects(startEmbedded({ dir: old, database }), { code: 'data-version', message: /PostgreSQL 15/ });

  await t.rejects(startEmbedded({ dir, database, settings: { no_such_setting: 'x' } }), {
    code: 'start-failed',
    message: /unrecognized configuration parameter "no_such_setting"/,
  });

  const full = failure('initdb could not make data', 'FATAL:  could not write to file "x": No space left on device');
  t.match(
    full,
    new EmbeddedError(
      'no-space',
      'initdb could not make data: the disk is full; free some space (about 100 MB) and start again.',
    ),
  );
  const log = join(dir, 'postgres.log');
  t.notMatch(await readFile(log, 'utf8'), /PANIC/);
  await rm(log);
  await mkdir(log);
  await t.rejects(startEmbedded({ dir, database }), { code: 'directory-unusable', message: /EISDIR/ });
});

async function words({ url }: Pick<Embedded, 'url'>): Promise<string[]> {
  return (await queryOnce<{ word: string }>(url, 'select word from kept order by word')).map(({ word }) => word);
}

type Answer = Pick<Embedded, 'url' | 'owner' | 'pid'>;

async function startChild(t: Test, env: NodeJS.ProcessEnv = {}): Promise<{ child: ChildProcess; answer: Answer }> {
  const child = spawn(process.execPath, [childScript, dir], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => end(child));
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await until('the child says that its server runs', () => said.includes('\n') || child.exitCode !== null, 30_000);
  const answer: Answer = JSON.parse(said);
  return { child, answer };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  return child.pid ?? 0;
}

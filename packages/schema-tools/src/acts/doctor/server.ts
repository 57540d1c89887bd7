import pg from 'pg';
import type { Project } from '../../project.ts';
import { MigrationError } from '../../history/errors.ts';
import { type Component, component, type Examination, fail, ok, warn } from './examination.ts';

const poolerPatienceMs = 2000;

type ServerRow = {
  version: string;
  number: string;
  replica: boolean;
  encoding: string;
  timezone: string;
  ssl: boolean | null;
  host: string | null;
  connections: number;
  limit: string;
  fsync: string;
  commit: string;
  readonly: boolean;
  path: string;
  shadow: string | null;
  pid: number;
};

/**
 * Examines the server: version, writes, encoding and connection. A failure here keeps the service from starting and
 * migrations from running.
 * @param client a prepared session on the database of `url`
 */
export async function examineServer(client: pg.Client, project: Project, url: string): Promise<Component> {
  const started = performance.now();
  const { rows } = await client.query<ServerRow>(`
    select current_setting('server_version') as version, current_setting('server_version_num') as number,
      pg_is_in_recovery() as replica, pg_encoding_to_char(encoding) as encoding, current_setting('TimeZone') as timezone,
      (select ssl from pg_stat_ssl where pid = pg_backend_pid()) as ssl, inet_server_addr()::text as host,
      (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as connections,
      current_setting('max_connections') as limit, current_setting('fsync') as fsync,
      current_setting('synchronous_commit') as commit,
      current_setting('default_transaction_read_only')::bool as readonly, pg_backend_pid() as pid,
      (select reset_val from pg_settings where name = 'search_path') as path,
      -- The first schema of the database's own search_path that exists, where it isn't public.
      (select nspname::text from unnest(string_to_array((select reset_val from pg_settings where name = 'search_path'), ','))
         with ordinality as given (word, place)
         join pg_namespace on nspname = replace(trim(both '" ' from word), '$user', current_user)
         order by place limit 1) as shadow
    from pg_database where datname = current_database()`);
  const ms = performance.now() - started;
  const row = rows[0];
  if (!row) return component('connection and server', [fail('connection', 'no answer', 'Look at the server.')]);
  return component('connection and server', [
    ms < 100
      ? ok('connection', `answers in ${ms.toFixed(0)} ms`)
      : warn('connection', `answers in ${ms.toFixed(0)} ms`, 'Run the service nearer to its database.'),
    examineVersion(row),
    examineWrites(row),
    row.encoding === 'UTF8'
      ? ok('encoding', 'UTF8')
      : fail(
          'encoding',
          row.encoding,
          'It can’t hold every text: make the database anew with encoding UTF8 (create database … encoding UTF8 template template0).',
        ),
    examineConnections(row),
    examineDurability(row),
    row.shadow === null || row.shadow === 'public'
      ? ok('schema', 'other tools work in public as well')
      : warn(
          'schema',
          `search_path of the database or role is ${row.path}: other tools work in ${row.shadow}`,
          `${project.title} sets its own, public; take the setting away (alter database … reset search_path).`,
        ),
    row.ssl !== true && row.host !== null && !isLoopback(row.host)
      ? warn('encryption', `the connection to ${row.host} is not encrypted`, 'Add sslmode=require to the URL.')
      : ok('encryption', row.ssl === true ? 'TLS' : 'the connection stays on this machine'),
    await examinePooler(client, project, row.pid, url),
  ]);
}

function examineVersion({ version, number }: ServerRow): Examination {
  const major = Math.floor(Number(number) / 10_000);
  if (major < 15) return fail('version', version, 'Upgrade to PostgreSQL 15 to 18.');
  return major > 18
    ? warn('version', `${version}, newer than was tried`, 'Known to work: 15 to 18.')
    : ok('version', version);
}

function examineConnections({ connections, limit }: ServerRow): Examination {
  const seen = `${connections} of ${limit} connections are used`;
  return connections > Number(limit) * 0.8
    ? warn('connections', seen, 'Lower DATABASE_POOL_MAX or raise max_connections.')
    : ok('connections', seen);
}

function isLoopback(address: string): boolean {
  return /^(127\.|::1)/.test(address);
}

function examineWrites({ replica, readonly }: ServerRow): Examination {
  if (replica) return fail('writes', 'it is a replica in recovery and takes no writes', 'Name the primary server.');
  return readonly
    ? fail(
        'writes',
        'it takes no writes: default_transaction_read_only is on',
        'Switch it off when the reason is gone (alter database … reset default_transaction_read_only).',
      )
    : ok('writes', 'it is a primary');
}

function examineDurability({ fsync, commit }: ServerRow): Examination {
  if (fsync !== 'on') {
    return warn('durability', 'fsync is off: a crash may lose everything', 'Switch it on outside of tests.');
  }
  return commit === 'off'
    ? warn('durability', 'synchronous_commit is off: a crash loses what was acknowledged', 'Switch it on.')
    : ok('durability', 'fsync is on');
}

/**
 * Detects a pooler in transaction mode, which may give each transaction another session. Two connections are needed,
 * since a lone client usually gets its last session again: while the first holds a transaction, transactions of the
 * second must stay in one session. Skipped when the server's process id shows that there is no pooler.
 */
async function examinePooler(client: pg.Client, project: Project, pid: number, url: string): Promise<Examination> {
  const whole = ok('session', 'one connection is one session');
  if (Reflect.get(client, 'processID') === pid) return whole;
  const other = new pg.Client({ ...project.connections.settingsOf(url), connectionTimeoutMillis: poolerPatienceMs });
  other.on('error', () => undefined);
  try {
    await other.connect();
    const seen = [pid];
    await ask(other, 'begin');
    seen.push(await ask(other, 'select pg_backend_pid() as pid'));
    for (let round = 0; round < 2; round += 1) seen.push(await ask(client, 'select pg_backend_pid() as pid'));
    const [first, held, ...later] = seen;
    if (held !== first && later.every((each) => each === first)) return whole;
  } catch {
    // Ends both: with a pool of one session the second waits, and a pooler in statement mode refuses the transaction.
  } finally {
    await other.end().catch(() => undefined);
  }
  return fail(
    'session',
    'a pooler stands between, and does not give each connection a session of its own',
    'Set its pool_mode to session and give it more sessions, or connect directly: locks and LISTEN need one.',
  );
}

async function ask(client: pg.Client, text: string): Promise<number> {
  const query: pg.QueryConfig & { query_timeout: number } = { text, query_timeout: poolerPatienceMs };
  const { rows } = await client.query<{ pid: number }>(query);
  return rows[0]?.pid ?? 0;
}

/** @throws MigrationError `unfit` with everything that makes this database unusable, regardless of its contents */
export async function requireFitServer(client: pg.Client, project: Project, url: string): Promise<void> {
  const { examinations } = await examineServer(client, project, url);
  const faults = examinations.filter(({ health }) => health === 'fail');
  if (faults.length === 0) return;
  const sentences = faults.map(
    ({ name, seen, fix }) => `The database can't be worked on (${name}): ${seen}. ${fix ?? ''}`,
  );
  // Making the database writable changes no setting.
  const passes = faults.every(({ name }) => name === 'writes');
  throw new MigrationError(passes ? 'unreachable' : 'unfit', sentences.join('\n'));
}

import type pg from 'pg';
import { type Component, component, type Examination, fail, ok, warn } from './examination.ts';

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
};

/** The server: its version, whether it takes writes, its encoding, and how one reaches it. */
export async function examineServer(client: pg.ClientBase): Promise<Component> {
  const started = performance.now();
  const { rows } = await client.query<ServerRow>(`
    select current_setting('server_version') as version, current_setting('server_version_num') as number,
      pg_is_in_recovery() as replica, pg_encoding_to_char(encoding) as encoding, current_setting('TimeZone') as timezone,
      (select ssl from pg_stat_ssl where pid = pg_backend_pid()) as ssl, inet_server_addr()::text as host,
      (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as connections,
      current_setting('max_connections') as limit, current_setting('fsync') as fsync
    from pg_database where datname = current_database()`);
  const ms = performance.now() - started;
  const row = rows[0];
  if (!row) return component('connection and server', [fail('connection', 'no answer', 'Look at the server.')]);
  return component('connection and server', [
    ms < 100
      ? ok('connection', `answers in ${ms.toFixed(0)} ms`)
      : warn('connection', `answers in ${ms.toFixed(0)} ms`, 'Run the service nearer to its database.'),
    examineVersion(row),
    row.replica
      ? fail('writes', 'it is a replica in recovery', 'Name the primary server.')
      : ok('writes', 'it is a primary'),
    row.encoding === 'UTF8'
      ? ok('encoding', 'UTF8')
      : fail('encoding', row.encoding, 'Make the database anew with encoding UTF8.'),
    examineConnections(row),
    row.fsync === 'on'
      ? ok('durability', 'fsync is on')
      : warn('durability', 'fsync is off: a crash may lose everything', 'Switch it on outside of tests.'),
    row.ssl !== true && row.host !== null && !isLoopback(row.host)
      ? warn('encryption', `the connection to ${row.host} is not encrypted`, 'Add sslmode=require to the URL.')
      : ok('encryption', row.ssl === true ? 'TLS' : 'the connection stays on this machine'),
    await examinePooler(client),
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

// A pooler in transaction mode hands each transaction another session: a session's setting is gone in the next.
async function examinePooler(client: pg.ClientBase): Promise<Examination> {
  await client.query(`select set_config('likeness.doctor', 'here', false)`);
  const { rows } = await client.query<{ value: string | null }>(
    `select current_setting('likeness.doctor', true) as value`,
  );
  return rows[0]?.value === 'here'
    ? ok('session', 'one connection is one session')
    : fail(
        'session',
        'a pooler in transaction mode stands between',
        'Connect directly: locks and LISTEN need a session.',
      );
}

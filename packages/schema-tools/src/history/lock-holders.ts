import type pg from 'pg';
import { sqlStateOf } from './errors.ts';
import { nameOf, tokenize } from '../text/sql-text.ts';
import { andMore } from '../text/words.ts';

type Holder = {
  table: string;
  pid: number;
  application: string | null;
  role: string | null;
  since: Date | null;
  query: string | null;
};

const namedHolders = 3;
const shownWords = 6;

/** Whether a statement failed with lock_not_available. */
export function isLockTimeout(error: unknown): boolean {
  return sqlStateOf(error) === '55P03';
}

/** The sessions that held the lock a statement waited for, as the end of a sentence; empty for other errors. */
export async function holdersOf(client: pg.ClientBase, sql: string, error: unknown): Promise<string> {
  if (!isLockTimeout(error)) return '';
  const holders = await describeLockHolders(client, sql).catch(() => '');
  return holders === '' ? '' : `; ${holders}`;
}

/**
 * The sessions that hold locks on a statement's tables now, after it gave up, as a sentence. Of their statements only
 * the first words are shown, without values.
 * @param client not in a failed transaction
 */
async function describeLockHolders(client: pg.ClientBase, sql: string): Promise<string> {
  const holders = await findHolders(client, sql);
  if (holders.length === 0) return 'who held the table has ended since';
  const more = andMore(holders.length, namedHolders, '; and');
  return `${holders.slice(0, namedHolders).map(describe).join('; ')}${more}`;
}

async function findHolders(client: pg.ClientBase, sql: string): Promise<Holder[]> {
  const names = tokenize(sql)
    .filter(({ type }) => type === 'word' || type === 'quoted')
    .map(nameOf);
  const { rows } = await client.query<Holder>(
    `select distinct on (pid, relname) relname as "table", pid, application_name as application, usename as role,
       coalesce(xact_start, backend_start) as since, query
     from pg_locks
     join pg_class on pg_class.oid = relation
     left join pg_stat_activity as activity using (pid)
     where granted and pid <> pg_backend_pid() and relkind in ('r', 'p')
       and relnamespace = to_regnamespace('public') and relname = any($1)
       and database = (select oid from pg_database where datname = current_database())
     order by pid, relname`,
    [names],
  );
  return rows;
}

function describe({ table, pid, application, role, since, query }: Holder): string {
  const who = `PostgreSQL process ${pid} (${application || 'unnamed'}${role === null ? '' : ` as ${role}`})`;
  const words = firstWords(query ?? '');
  const what = words === '' ? '' : `, with a statement that begins with \`${words}\``;
  return `${table} is held by ${who} since ${since?.toISOString() ?? 'an unknown time'}${what}`;
}

// Ends before the first value.
function firstWords(query: string): string {
  const tokens = tokenize(query).filter(({ type }) => type !== 'comment' && type !== 'space');
  const end = tokens.findIndex(({ type, text }) => type === 'string' || /^[\d$<]/.test(text));
  return tokens
    .slice(0, end < 0 ? undefined : end)
    .filter(({ type }) => type === 'word' || type === 'quoted')
    .slice(0, shownWords)
    .map(({ text }) => text)
    .join(' ');
}

import type pg from 'pg';
import type { CheckResult } from '../check.ts';
import { summarize, summaryText, worstMark } from '../../report/document.ts';
import { type Component, component, type Examination, fail, ok, warn } from './examination.ts';

/** Examines the schema, and what could block the next migration. */
export async function examineHazards(client: pg.ClientBase, checked: CheckResult): Promise<Component> {
  return component('sync and hazards', [
    examineSync(checked),
    ...checked.other
      .filter(({ code }) => code.startsWith('queue_'))
      .map(({ message, fix }) => fail('job queue', message, fix.advice ?? '')),
    await examineInvalidIndexes(client, checked),
    await examineTransactions(client),
    await examineWaiting(client),
    await examineLeftovers(client),
  ]);
}

function examineSync({ project, drift }: CheckResult): Examination {
  const text = summaryText(summarize(drift));
  switch (worstMark(drift)) {
    case 'critical':
      return fail('schema', text, `See \`${project.program} check\`.`);
    case 'warning':
      return warn('schema', text, `See \`${project.program} check\`, then \`${project.program} repair\`.`);
    default:
      return ok('schema', drift.length === 0 ? 'as the migrations make it' : text);
  }
}

async function examineInvalidIndexes(client: pg.ClientBase, { project }: CheckResult): Promise<Examination> {
  const { rows } = await client.query<{ name: string }>(
    `select indexrelid::regclass::text as name from pg_index where not indisvalid or not indisready order by 1`,
  );
  if (rows.length === 0) return ok('indexes', 'all are valid');
  return fail(
    'indexes',
    `invalid: ${rows.map(({ name }) => name).join(', ')}`,
    `Drop them, and build them anew with \`${project.program} repair\`.`,
  );
}

// An idle transaction holds its locks, and every ALTER waits for them.
async function examineTransactions(client: pg.ClientBase): Promise<Examination> {
  const { rows } = await client.query<{ pid: number; application_name: string; state: string; minutes: number }>(
    `select pid, application_name, state, floor(extract(epoch from now() - xact_start) / 60)::int as minutes
     from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and xact_start < now() - interval '5 minutes'
     order by xact_start limit 5`,
  );
  if (rows.length === 0) return ok('long transactions', 'none');
  const list = rows
    .map(({ pid, application_name: name, state, minutes }) => `${pid} (${name || 'unnamed'}, ${state}, ${minutes} min)`)
    .join('; ');
  return warn('long transactions', list, 'End them before migrating: select pg_terminate_backend(PID).');
}

async function examineWaiting(client: pg.ClientBase): Promise<Examination> {
  const { rows } = await client.query<{ pid: number; blockers: number[]; relation: string | null }>(
    `select activity.pid, pg_blocking_pids(activity.pid) as blockers, max(relation::regclass::text) as relation
     from pg_locks join pg_stat_activity as activity on activity.pid = pg_locks.pid
     where not granted and datname = current_database()
     group by activity.pid limit 5`,
  );
  if (rows.length === 0) return ok('waiting locks', 'none');
  const list = rows
    .map(
      ({ pid, blockers, relation }) =>
        `${pid} waits for ${blockers.join(', ')}${relation === null ? '' : ` over ${relation}`}`,
    )
    .join('; ');
  return warn('waiting locks', list, 'See what the blocking sessions do.');
}

// A scratch schema is dropped with its transaction, so a visible one has another origin.
async function examineLeftovers(client: pg.ClientBase): Promise<Examination> {
  const { rows } = await client.query<{ name: string }>(
    `select nspname as name from pg_namespace where nspname like 'schema\\_scratch\\_%' order by 1`,
  );
  return rows.length === 0
    ? ok('leftovers', 'none')
    : warn('leftovers', rows.map(({ name }) => name).join(', '), 'Drop these schemas.');
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Client } from 'pg';
import { t, type Test } from '../support/tap.ts';
import { withConnection } from '../../src/platform/db/connect.ts';
import { adoptAt } from '../support/adopt-points.ts';
import { runHere } from '../support/in-process.ts';
import { withClient } from '../support/client.ts';
import { createLegacyDatabase } from '../support/legacy.ts';
import { queryOnce } from '../support/postgres.ts';
import { until } from '../support/until.ts';

const child = resolve(import.meta.dirname, '../support/adopt-child.ts');

for (const dump of ['avatars-24', 'avatars-42'] as const) {
  t.test(`${dump}: what is interrupted at any step leaves nothing behind, and the next one goes through`, async (t) => {
    const { url } = await createLegacyDatabase(t, dump);
    const points = await withClient(url, (watcher) =>
      interrupt(t, watcher, (number) => (number % 4 === 1 ? killAt(t, url, number) : cutAt(url, number))),
    );
    await finish(t, url, points);
  });
}

/** Interrupts the adoption at its first point, its second and so on, until one is after the commit. */
async function interrupt(t: Test, watcher: Client, at: (number: number) => Promise<string>): Promise<string[]> {
  const before = await fingerprint(watcher);
  const points: string[] = [];
  while (points.at(-1) !== 'after the commit') {
    const point = await at(points.length + 1);
    points.push(point);
    await until('the server has noticed', async () => (await sessions(watcher)) === 0);
    if (point !== 'after the commit')
      t.same(await fingerprint(watcher), before, `ended at ${point}, nothing was changed`);
  }
  t.ok(points.length > 10, points.join(', '));
  return points;
}

async function finish(t: Test, url: string, points: string[]): Promise<void> {
  const finished = await runHere(['db', 'adopt', '--from', 'alembic', '--url', url, '--yes', '--format', 'json']);
  t.equal(finished.code, 0, finished.stderr);
  t.match(JSON.parse(finished.stdout), { adopted: true, state: 'current', summary: { critical: 0, warning: 0 } });
  t.same(await queryOnce(url, `select to_regnamespace('pgboss')::text as queue`), [{ queue: 'pgboss' }]);
  const acts = await queryOnce<{ outcome: string }>(
    url,
    `select outcome from drizzle.likeness_ledger where act = 'adopt' order by id`,
  );
  const outcomes = acts.map(({ outcome }) => outcome);
  t.same(outcomes, [...points.slice(1).map(() => 'started'), 'done'], 'the ledger knows every attempt');
}

// A lost process and a lost connection look alike to the server. Connections are faster, so only every fourth step
// kills a process.
async function cutAt(url: string, number: number): Promise<string> {
  let point = '';
  await withConnection(url, 'adopt child', async (client) => {
    let points = 0;
    await adoptAt(client, (name) => {
      points += 1;
      if (points !== number) return;
      point = name;
      Reflect.get(client, 'connection').stream.destroy();
    });
  }).catch(() => undefined);
  return point;
}

// Gives the name of the point at which the process was ended.
async function killAt(t: Test, url: string, number: number): Promise<string> {
  const running = spawn(process.execPath, [child, url, String(number)], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => running.kill('SIGKILL'));
  const closed = once(running, 'close');
  const [point]: [string] = await once(createInterface(running.stdout), 'line').then(([line]) => [String(line)]);
  running.kill('SIGKILL');
  await closed;
  return point;
}

async function sessions(watcher: Client): Promise<number> {
  const { rows } = await watcher.query<{ n: number }>(
    `select count(*)::int as n from pg_stat_activity where datname = current_database() and application_name = 'adopt child'`,
  );
  return rows[0]?.n ?? 0;
}

/** What an adoption would change: schema and rows, all but the ledger. */
async function fingerprint(watcher: Client): Promise<unknown> {
  const { rows: columns } = await watcher.query(
    `select md5(string_agg(concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default), ',' order by table_name, ordinal_position))
     from information_schema.columns where table_schema = 'public'`,
  );
  const { rows: rest } = await watcher.query(
    `select (select md5(string_agg(a::text, ',' order by id)) from avatars a) as avatars,
       (select md5(string_agg(p::text, ',' order by id)) from avatar_photos p) as photos,
       (select md5(string_agg(u::text, ',' order by id)) from users u) as users,
       (select count(*) from pg_constraint where connamespace = 'public'::regnamespace) as constraints,
       to_regclass('drizzle.__drizzle_migrations') as history`,
  );
  return { columns, rest };
}

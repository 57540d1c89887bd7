import { migrate } from '@likeness/schema-tools/acts/migrate.ts';
import { writeMigrations } from './migration-files.ts';
import { query } from './query.ts';
import { projectAt } from '../../src/database.ts';

export type AtOnce = { applied: number; failed: number; value: number; history: number };

/**
 * Lets several deployers migrate a new database concurrently. The second migration updates a value, which is 101 if
 * applied once and 201 if applied twice.
 */
export async function migrateAtOnce(url: string, folder: string, deployers: number): Promise<AtOnce> {
  await writeMigrations(folder, [
    { name: '0000_counter', sql: 'create table counter (n int); insert into counter values (1);' },
    { name: '0001_hundred', sql: 'update counter set n = n + 100;' },
  ]);
  const results = await Promise.allSettled(
    Array.from({ length: deployers }, () => migrate({ url, project: projectAt(folder) })),
  );
  const done = results.filter((result) => result.status === 'fulfilled');
  const [row] = await query<{ value: number; history: number }>(
    url,
    'select (select n from counter) as value, (select count(*)::int from drizzle.__drizzle_migrations) as history',
  );
  return {
    applied: done.flatMap(({ value }) => value.applied).length,
    failed: results.length - done.length,
    value: row?.value ?? 0,
    history: row?.history ?? 0,
  };
}

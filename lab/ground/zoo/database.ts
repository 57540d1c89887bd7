import pg from 'pg';
import { exportModel } from '@likeness/schema-tools/catalog/model.ts';
import type { Catalog } from '@likeness/schema-tools/catalog/objects.ts';
import { buildScratch } from '@likeness/schema-tools/catalog/scratch.ts';
import { readLiveWithin } from '@likeness/schema-tools/acts/live.ts';
import { readMigrations } from '@likeness/schema-tools/history/folder.ts';
import * as zoo from './model.ts';
import { odd, rest } from './rest.ts';
import { project } from '../../../src/database.ts';

export async function zooStatements(): Promise<string[]> {
  const migrations = await readMigrations(project);
  const model = (await exportModel(zoo)) ?? [];
  return [...migrations.flatMap(({ statements }) => statements), ...model, ...rest, ...odd];
}

/**
 * Creates service and zoo in a database, and reads the expected schema from a scratch one. The caller closes the
 * client.
 */
export async function buildZoo(url: string): Promise<{ client: pg.Client; expected: Catalog }> {
  const client = new pg.Client(url);
  await client.connect();
  const statements = await zooStatements();
  for (const statement of statements) await client.query(statement);
  const [expected = []] = await buildScratch(client, [statements]);
  return { client, expected };
}

/** The catalogue after a change, compared with the expected one; the change is rolled back. */
export async function catalogAfter(client: pg.Client, sql: string, expected: Catalog): Promise<Catalog> {
  await client.query('begin');
  try {
    await client.query(sql);
    return await readLiveWithin(client, { expected: [expected] });
  } finally {
    await client.query('rollback');
  }
}

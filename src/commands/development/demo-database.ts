import { randomBytes } from 'node:crypto';
import { MigrationError } from '@likeness/schema-tools/history/errors.ts';
import type { Environment } from '../../config.ts';
import { withConnection } from '../../platform/db/connect.ts';
import { limits } from '../../limits.ts';
import { databaseUrlWith } from '../../platform/db/url.ts';
import { defaultStorageUrl, developmentFolder } from './surroundings.ts';

/**
 * Creates a database for the demo on the server of DATABASE_URL and drops it at the end, so that the given database
 * stays untouched. Without the right to create one, the demo uses the given database.
 * @returns the settings to override
 */
export async function demoDatabase(environment: Environment, ends: AsyncDisposableStack): Promise<Environment> {
  const given = environment['DATABASE_URL'];
  if (!given) return {};
  const name = `likeness_demo_${randomBytes(6).toString('hex')}`;
  const created = await query(given, `create database ${name} template template0`).then(
    () => true,
    (error: unknown) => {
      if (error instanceof MigrationError && error.code === 'unreachable') throw error;
      return false;
    },
  );
  if (!created) return { STORAGE_URL: environment['STORAGE_URL'] || defaultStorageUrl(developmentFolder) };
  ends.defer(() => query(given, `drop database if exists ${name} with (force)`));
  return { DATABASE_URL: databaseUrlWith(given, name) };
}

async function query(url: string, text: string): Promise<void> {
  await withConnection(url, 'likeness demo', (client) => client.query(text), limits.databaseTools.ms);
}

import type { readSettings } from '../../config.ts';
import { BootError } from '../../errors.ts';
import { migrate } from '@likeness/schema-tools/acts/migrate.ts';
import { project } from '../../database.ts';
import { embeddedDatabase } from './surroundings.ts';

/**
 * The database that a command works on: DATABASE_URL, or outside production the embedded one of this clone, started and
 * migrated for the command.
 * @param folder of another embedded database
 * @throws BootError (78) in production without DATABASE_URL
 */
export async function commandDatabase(
  settings: ReturnType<typeof readSettings>,
  ends: AsyncDisposableStack,
  folder?: string,
): Promise<string> {
  if (settings.DATABASE_URL) return settings.DATABASE_URL;
  if (settings.NODE_ENV === 'production') {
    throw new BootError(
      'DATABASE_URL is not set: name the database, as postgresql://user:password@host:port/database.',
    );
  }
  const url = await embeddedDatabase(ends, folder);
  await migrate({ url, project });
  return url;
}

import type pg from 'pg';
import { adoptDatabase } from '../../src/adoption/adopt.ts';
import { withMigrationLock } from '@likeness/schema-tools/history/lock.ts';
import { project } from '../../src/database.ts';
import { readMigrations } from '@likeness/schema-tools/history/folder.ts';

const trainer = { name: 'portrait', endpoint: 'fal-ai/flux-lora-portrait-trainer', longestRunSeconds: 7200 };

/** Adopts a database, calling `reach` before every point at which it could be interrupted. */
export async function adoptAt(client: pg.Client, reach: (point: string) => void): Promise<void> {
  const { query } = client;
  // Includes the commit, on its way to the server.
  Object.assign(client, {
    query: (...args: unknown[]) => {
      if (args[0] === 'commit') reach('before the commit');
      return Reflect.apply(query, client, args);
    },
  });
  await withMigrationLock(client, 10_000, async () => {
    const options = { project, migrations: await readMigrations(project), allow: [], lockTimeoutMs: 10_000 };
    await adoptDatabase(client, { ...options, trainerOf: () => trainer, onStep: (_, index) => reach(`step ${index}`) });
    reach('after the commit');
  });
}

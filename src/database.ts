import { resolve } from 'node:path';
import type { Project } from '@likeness/schema-tools/project.ts';
import { adoption } from './adoption/codes.ts';
import { limits } from './limits.ts';
import { withConnection } from './platform/db/connect.ts';
import { isConnectionLost } from './platform/db/faults.ts';
import { queue } from './platform/db/queue.ts';
import { readDatabaseUrl } from './platform/db/url.ts';

const root = resolve(import.meta.dirname, '..');

/** This service's database, as schema-tools see it. */
export const project: Project = {
  title: 'Likeness',
  program: 'likeness db',
  root,
  packages: ['drizzle-orm', 'drizzle-kit', 'pg', 'pg-boss'],
  folder: resolve(root, 'migrations'),
  model: {
    file: resolve(root, 'src/platform/db/schema.ts'),
    load: async () => ({ ...(await import('./platform/db/schema.ts')) }),
  },
  ledger: 'likeness',
  adoption,
  queue,
  connections: {
    connect: withConnection,
    settingsOf: readDatabaseUrl,
    isLost: isConnectionLost,
    answerTimeoutMs: limits.databaseTools.ms,
  },
};

export function projectAt(folder: string): Project {
  return { ...project, folder };
}

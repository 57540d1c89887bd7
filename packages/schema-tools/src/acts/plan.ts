import { readDatabaseName } from './check.ts';
import { readServerVersion } from '../catalog/read.ts';
import { refuse } from '../history/errors.ts';
import { type Migration, readMigrations } from '../history/folder.ts';
import { upTo } from './migrate.ts';
import { contradictions, readStanding } from './standing.ts';
import { findUnadopted } from './status.ts';
import type { Project } from '../project.ts';

/** The pending migrations. Reads only. @throws MigrationError `history_broken` where `migrate` would */
export async function readPlan(
  url: string,
  project: Project,
  to?: string,
): Promise<{ pending: Migration[]; place: { database: string; serverVersion: string } }> {
  const { all, wanted } = upTo(await readMigrations(project), to);
  return project.connections.connect(url, `${project.program} plan`, async (client) => {
    const comparison = await readStanding(client, project, all);
    const { pending } = comparison;
    const problems = contradictions(comparison);
    if (problems.length > 0) refuse(problems);
    const unadopted = await findUnadopted(client, project, all, comparison);
    if (unadopted) refuse([unadopted]);
    const place = {
      database: await readDatabaseName(client),
      serverVersion: (await readServerVersion(client)).version,
    };
    return { pending: pending.filter((migration) => wanted.includes(migration)), place };
  });
}

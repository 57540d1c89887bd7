import type pg from 'pg';
import type { DriftFinding } from '../fix/finding.ts';
import { type Migration, readMigrations } from '../history/folder.ts';
import type { Project } from '../project.ts';
import { type DatabaseStatus, findHindering, type Hindrance, hindrancesOf, readStatus } from './status.ts';

/** Why the service cannot use a database, and which command helps. */
export type SchemaFault = { code: 'migrations' | 'schema-drift'; detail: string };

/**
 * Makes a question that is cheap enough for a readiness probe: is the database at the version of this code, and does
 * nothing differ that statements would fail over? History and queue are looked at each time, in a few small queries; the
 * schema is read again when the last look is older than `maxAgeMs`. A database that newer code migrated will do, as long
 * as nothing is missing from it: instances of the older code go on while the newer ones start.
 * @returns a function that takes a connection which is in no transaction and gives the fault, or null
 */
export function watchSchema(
  project: Project,
  maxAgeMs = 30_000,
): (client: pg.ClientBase) => Promise<SchemaFault | null> {
  let seen: { at: number; drift: DriftFinding[] } | undefined;
  let files: Migration[] | undefined;
  return async (client) => {
    files ??= await readMigrations(project);
    const status = await readStatus(client, project, files);
    const fault = faultOf(status, []);
    if (fault) return fault;
    if (!seen || performance.now() - seen.at > maxAgeMs) {
      seen = { drift: await findHindering(client, status, files), at: performance.now() };
    }
    return faultOf(status, seen.drift);
  };
}

function faultOf(status: DatabaseStatus, drift: readonly DriftFinding[]): SchemaFault | null {
  const [hindrance]: (Hindrance | undefined)[] = hindrancesOf(status, drift, { starting: false });
  if (!hindrance) return null;
  return { code: hindrance.kind === 'drift' ? 'schema-drift' : 'migrations', detail: hindrance.message };
}

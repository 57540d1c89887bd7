import type pg from 'pg';
import { describeQueue } from './history-findings.ts';
import { readAccepted } from '../history/ledger.ts';
import { driftOf } from './drift.ts';
import { type Migration, readMigrations } from '../history/folder.ts';
import { readQueueVersion } from '../history/queue.ts';
import { contradictions, hindersBeside, readStanding } from './standing.ts';
import { andMore } from '../text/words.ts';
import type { Project } from '../project.ts';

/** Why the service can't work on a database, and which command helps. */
export type SchemaFault = { code: 'migrations' | 'schema-drift'; detail: string };

const namedObjects = 3;

/**
 * Makes a question that is cheap enough for a readiness probe: is the database at the version of this code, and does
 * nothing differ that statements would fail over? History and queue are looked at each time, two small queries; the schema
 * is read again when the last look is older than `maxAgeMs`. A database that newer code migrated will do, as long as
 * nothing is missing from it: instances of the older code go on while the newer ones start.
 * @returns a function that takes a connection which is in no transaction and gives the fault, or null
 */
export function watchSchema(
  project: Project,
  maxAgeMs = 30_000,
): (client: pg.ClientBase) => Promise<SchemaFault | null> {
  let seen: { at: number; fault: SchemaFault | null } | undefined;
  let files: Migration[] | undefined;
  return async (client) => {
    files ??= await readMigrations(project);
    const behind = await findBehind(client, project, files);
    if (behind) return behind;
    if (!seen || performance.now() - seen.at > maxAgeMs) {
      seen = { fault: await findDrift(client, project, files), at: performance.now() };
    }
    return seen.fault;
  };
}

async function findBehind(
  client: pg.ClientBase,
  project: Project,
  migrations: Migration[],
): Promise<SchemaFault | null> {
  const standing = await readStanding(client, project, migrations);
  const { applied, pending } = standing;
  const [contradiction] = contradictions(standing);
  if (contradiction) {
    const detail = `The history of migrations is broken: ${contradiction.message} See \`${project.program} doctor\`.`;
    return { code: 'migrations', detail };
  }
  if (pending.length > 0) {
    const missing = `${pending.length} of ${applied.length + pending.length} migrations`;
    return { code: 'migrations', detail: `The database lacks ${missing}: run \`${project.program} migrate\`.` };
  }
  const version = await readQueueVersion(client, project);
  // The queue's library looks at the version when it starts; one that is at work goes on beside a newer schema.
  if (typeof version === 'number' && version >= project.queue.wanted) return null;
  const { message, advice } = describeQueue(project, version, false);
  return { code: 'migrations', detail: `${message} ${advice}` };
}

async function findDrift(
  client: pg.ClientBase,
  project: Project,
  migrations: Migration[],
): Promise<SchemaFault | null> {
  const { drift } = await driftOf(client, { project, migrations, accepted: await readAccepted(client, project) });
  const { problems } = await readStanding(client, project, migrations);
  const isAhead = problems.some(({ kind }) => kind === 'ahead');
  const critical = drift.filter((finding) => finding.severity === 'critical' && (!isAhead || hindersBeside(finding)));
  if (critical.length === 0) return null;
  const named = critical.slice(0, namedObjects).map(({ code, object }) => `${code} ${object}`);
  const more = andMore(critical.length, named.length, ' and');
  const list = `(${named.join(', ')}${more})`;
  const detail = isAhead
    ? `Newer code migrated the database, and this code can't work on it ${list}: deploy the newer code.`
    : `The schema was changed by hand ${list}: see \`${project.program} check\`.`;
  return { code: 'schema-drift', detail };
}

import type pg from 'pg';
import { type ExpectedSchema, expectModel } from '../catalog/expected.ts';
import type { Catalog } from '../catalog/objects.ts';
import { readServerVersion } from '../catalog/read.ts';
import type { DriftFinding, Finding } from '../fix/finding.ts';
import type { ForeignTable } from '../catalog/foreign-tables.ts';
import type { Comparison } from '../history/history.ts';
import { type Acceptance, readAccepted } from '../history/ledger.ts';
import { driftOf } from './drift.ts';
import { type Migration, readMigrations } from '../history/folder.ts';
import { type DatabaseState, type DatabaseStatus, findingsOfStatus, readStatus, weighDrift } from './status.ts';
import type { Project } from '../project.ts';

export type CheckOptions = {
  project: Project;
  /** Default `public`. */
  schema?: string;
  /** Compares with one of them only; default both. */
  against?: 'model' | 'migrations';
};

export type CheckResult = {
  project: Project;
  database: string;
  serverVersion: string;
  status: DatabaseStatus;
  state: DatabaseState;
  drift: DriftFinding[];
  /** About the history and the job queue's schema. */
  other: Finding[];
  applied: string[];
  pending: string[];
  foreign: ForeignTable[];
  accepted: Acceptance[];
  source: ExpectedSchema['source'];
  /** What was not checked, in sentences. */
  notes: string[];
  live: Catalog;
  /** The result of the applied migrations. */
  appliedSchema: Catalog;
  /** The result of all migrations. */
  expected: Catalog;
};

/**
 * Compares a database with the migrations folder and the model. Reads only, but for a scratch schema in a transaction
 * that is rolled back, which it needs when `catalog.json` does not match or texts differ.
 * @throws MigrationError `history_broken` for a folder that contradicts itself
 */
export async function checkDatabase(client: pg.ClientBase, options: CheckOptions): Promise<CheckResult> {
  const { project, schema = 'public', against } = options;
  const migrations = await readMigrations(project);
  const { version } = await readServerVersion(client);
  const status = await readStatus(client, project, migrations);
  const { state } = status;
  const accepted = await readAccepted(client, project);
  const count = appliedCount(migrations, status);
  const modelSide = against === 'migrations' ? 'same' : await expectModel(client, project, migrations);
  const { drift, foreign, live, expected } = await driftOf(client, {
    project,
    migrations,
    accepted,
    schema,
    applied: count,
    unadopted: state === 'unadopted',
    toModel: against === 'model',
    model: typeof modelSide === 'string' ? undefined : modelSide,
  });
  return {
    project,
    database: await readDatabaseName(client),
    serverVersion: version,
    status,
    state,
    drift: weighDrift(state, drift),
    other: findingsOfStatus(status),
    applied: status.applied.map(({ name }) => name),
    pending: status.pending.map(({ name }) => name),
    foreign,
    accepted,
    source: expected.source,
    notes: modelSide === 'unknown' ? [modelNote] : [],
    live,
    appliedSchema: expected.after(count),
    expected: expected.after(migrations.length),
  };
}

const modelNote =
  'The model was changed after catalog.json was written, and drizzle-kit is not installed to tell whether a migration is missing.';

// Files after the first pending one count as pending too.
function appliedCount(migrations: Migration[], { pending }: Comparison): number {
  const first = migrations.findIndex((migration) => pending.includes(migration));
  return first < 0 ? migrations.length : first;
}

export async function readDatabaseName(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query<{ name: string }>('select current_database() as name');
  return rows[0]?.name ?? '';
}

import type pg from 'pg';
import { type ExpectedSchema, expectOnServer, expectSchema } from '../catalog/expected.ts';
import { type ForeignTable, withoutForeignTables } from '../catalog/foreign-tables.ts';
import type { Catalog } from '../catalog/objects.ts';
import { applyAcceptances, compareSides, compareToModel } from '../fix/compare.ts';
import type { DriftFinding } from '../fix/finding.ts';
import type { Migration } from '../history/folder.ts';
import type { Acceptance } from '../history/ledger.ts';
import type { Project } from '../project.ts';
import { readLive } from './live.ts';

/** What a live schema is compared with. */
export type Against = {
  /** What the applied migrations make; the same object as `all` where none is pending. */
  applied: Catalog;
  /** What all migrations make. */
  all: Catalog;
  /** What the model makes, where that is not known to be what the migrations make. */
  model?: Catalog | undefined;
  /** Whether the database was never under these migrations; no when left out. */
  unadopted?: boolean;
  /** The model alone, in place of the migrations. */
  toModel?: boolean;
};

/** A live schema beside what it should be: other tools' tables are left out, accepted differences marked as such. */
export function compareLive(
  live: Catalog,
  { applied, all, model, unadopted = false, toModel = false }: Against,
  accepted: readonly Acceptance[],
): { drift: DriftFinding[]; foreign: ForeignTable[] } {
  const { catalog, foreign } = withoutForeignTables(live, [...all, ...(model ?? [])]);
  const sides = { live: catalog, applied, all, unadopted };
  const found = toModel
    ? compareToModel({ ...sides, model: model ?? all })
    : compareSides({ ...sides, ...(model && { model }) });
  return { drift: applyAcceptances(found, accepted), foreign };
}

export type DriftOptions = Pick<Against, 'model' | 'unadopted' | 'toModel'> & {
  project: Project;
  migrations: readonly Migration[];
  accepted: readonly Acceptance[];
  /** How many migrations count as applied, and how many as all; every one when left out. */
  applied?: number;
  all?: number;
  /** `public` when left out. */
  schema?: string;
};

export type Drift = { drift: DriftFinding[]; foreign: ForeignTable[]; live: Catalog; expected: ExpectedSchema };

/**
 * What a database differs in from what the migrations make: the one comparison that every act is made with. Servers print
 * expressions in their own way, so where only texts tell of a difference from `catalog.json`, this server runs the
 * migrations in a scratch schema and its own words count. Give it a connection that is in no transaction.
 * @throws MigrationError `failed` when what the migrations make can't be had
 */
export async function driftOf(client: pg.ClientBase, options: DriftOptions): Promise<Drift> {
  const { project, migrations, accepted, schema = 'public', model } = options;
  const { applied = migrations.length, all = migrations.length } = options;
  const look = async (expected: ExpectedSchema): Promise<Drift> => {
    const end = expected.after(all);
    const against = { ...options, all: end, applied: applied === all ? end : expected.after(applied) };
    const live = await readLive(client, { schema, expected: [end, against.applied, ...(model ? [model] : [])] });
    return { ...compareLive(live, against, accepted), live, expected };
  };
  const found = await look(await expectSchema(client, project, migrations));
  if (found.expected.source === 'server' || !found.drift.some(hangsOnText)) return found;
  const here = await expectOnServer(client, migrations, [applied, all]);
  return here ? look(here) : found;
}

function hangsOnText({ difference }: DriftFinding): boolean {
  return difference.facts.some((fact) => ['definition', 'default', 'generated', 'type'].includes(fact));
}

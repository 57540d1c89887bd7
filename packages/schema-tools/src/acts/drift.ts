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

export type Against = {
  /** The result of the applied migrations; the same object as `all` when none is pending. */
  applied: Catalog;
  /** The result of all migrations. */
  all: Catalog;
  /** The model's schema, unless it is known to equal `all`. */
  model?: Catalog | undefined;
  /** The database was never under these migrations. */
  unadopted?: boolean;
  /** Compares with the model only. */
  toModel?: boolean;
};

/** Compares a live schema, without other tools' tables and with accepted differences marked. */
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
  /** How many migrations count as applied, and how many exist; default all. */
  applied?: number;
  all?: number;
  /** Default `public`. */
  schema?: string;
};

export type Drift = { drift: DriftFinding[]; foreign: ForeignTable[]; live: Catalog; expected: ExpectedSchema };

/**
 * The differences between a database and the result of the migrations: the one comparison of all acts. Servers print
 * expressions differently, so where only texts differ from `catalog.json`, this server runs the migrations in a scratch
 * schema and its output counts. The connection must not be in a transaction.
 * @throws MigrationError `failed` when the result of the migrations is unavailable
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

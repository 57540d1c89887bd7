import type pg from 'pg';
import { expectOnServer, expectSchema } from '../catalog/expected.ts';
import type { Catalog } from '../catalog/objects.ts';
import { applyAcceptances, compareSides } from '../fix/compare.ts';
import { type DriftFinding, plain } from '../fix/finding.ts';
import { withoutForeignTables } from '../catalog/foreign-tables.ts';
import { compare, createHistory, insertHistory, readHistory } from '../history/history.ts';
import { createLedger, enterAct, readAccepted } from '../history/ledger.ts';
import { readLive } from './live.ts';
import { MigrationError } from '../history/errors.ts';
import type { Migration } from '../history/folder.ts';
import { findMissingQueue } from '../history/queue.ts';
import type { Project } from '../project.ts';

export type StampOptions = {
  project: Project;
  migrations: Migration[];
  /** The last migration that counts as applied. */
  name: string;
  /** Why it is stamped without a look at the schema; undefined to look. */
  unverifiedReason?: string | undefined;
};

/** What the schema differs in from what the first `count` migrations make, accepted differences marked as such. */
export async function driftFrom(
  client: pg.ClientBase,
  { project, migrations }: Pick<StampOptions, 'project' | 'migrations'>,
  count: number,
): Promise<DriftFinding[]> {
  const accepted = await readAccepted(client, project);
  const find = async (expected: { after: (count: number) => Catalog }) => {
    const all = expected.after(count);
    const live = await readLive(client, { expected: [all] });
    const { catalog } = withoutForeignTables(live, all);
    return applyAcceptances(compareSides({ live: catalog, applied: all, all, unadopted: false }), accepted);
  };
  const found = await find(await expectSchema(client, project, migrations));
  if (found.length === 0) return found;
  const here = await expectOnServer(client, migrations, [count]);
  return here ? find(here) : found;
}

/**
 * Records migrations up to one as applied without running them: only when the schema is what they make, but for accepted
 * differences. The caller holds the migration lock.
 * @returns the names recorded now
 * @throws MigrationError `refused` when it is not, naming the differences
 */
export async function stampHistory(client: pg.ClientBase, options: StampOptions): Promise<string[]> {
  const { project, migrations, name, unverifiedReason } = options;
  const count = migrations.findIndex((migration) => migration.name === name) + 1;
  if (count === 0) {
    const names = migrations.map((migration) => migration.name).join(', ');
    throw new MigrationError('refused', `There is no migration ${name}: the folder has ${names}.`);
  }
  const history = await readHistory(client);
  const { pending } = compare(migrations, history);
  const stamped = migrations.slice(0, count).filter((migration) => pending.includes(migration));
  const found = await driftFrom(client, options, count);
  const open = found.filter(({ cause }) => cause !== 'accepted');
  if (open.length > 0 && unverifiedReason === undefined) {
    const list = open.map(({ code, object }) => `${code} ${object}`).join(', ');
    throw new MigrationError(
      'refused',
      `The schema is not what ${name} makes: ${list}. Repair it, or accept what may stay with \`${project.program} accept\`.`,
    );
  }
  const queue = await findMissingQueue(client, project, migrations.slice(0, count));
  if (queue && unverifiedReason === undefined) {
    throw new MigrationError(
      'refused',
      `The job queue that ${name} leaves is not there: apply it with \`${project.program} migrate\`.`,
    );
  }
  await createHistory(client);
  await createLedger(client, project);
  await client.query('begin');
  try {
    for (const migration of stamped) await insertHistory(client, migration);
    await enterAct(client, project, {
      act: 'stamp',
      target: name,
      hash: migrations[count - 1]?.hash ?? null,
      outcome: 'done',
      details: {
        stamped: stamped.map((each) => each.name),
        verified: unverifiedReason === undefined,
        ...(unverifiedReason !== undefined && { reason: unverifiedReason }),
      },
      before: { history, findings: found.map(plain) },
    });
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
  return stamped.map((migration) => migration.name);
}

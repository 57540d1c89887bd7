import type pg from 'pg';
import { type DriftFinding, plain } from '../fix/finding.ts';
import { compare, createHistory, insertHistory, readHistory } from '../history/history.ts';
import { createLedger, enterAct, readAccepted } from '../history/ledger.ts';
import { driftOf } from './drift.ts';
import { MigrationError } from '../history/errors.ts';
import { type Migration, placeOf } from '../history/folder.ts';
import { inTransaction } from '../history/transaction.ts';
import { findMissingQueue } from '../history/queue.ts';
import type { Project } from '../project.ts';

export type StampOptions = {
  project: Project;
  migrations: Migration[];
  /** The last migration to record. */
  name: string;
  /** Why the schema is not compared; undefined to compare it. */
  unverifiedReason?: string | undefined;
};

/** The differences from the result of the first `count` migrations, accepted ones marked. */
export async function driftFrom(
  client: pg.ClientBase,
  { project, migrations }: Pick<StampOptions, 'project' | 'migrations'>,
  count: number,
): Promise<DriftFinding[]> {
  const accepted = await readAccepted(client, project);
  return (await driftOf(client, { project, migrations, accepted, applied: count, all: count })).drift;
}

/**
 * Records migrations as applied without running them, if the schema is their result but for accepted differences. The
 * caller holds the migration lock.
 * @returns the names recorded now
 * @throws MigrationError `refused` with the differences
 */
export async function stampHistory(client: pg.ClientBase, options: StampOptions): Promise<string[]> {
  const { project, migrations, name, unverifiedReason } = options;
  const count = placeOf(migrations, name);
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
  await inTransaction(client, async () => {
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
  });
  return stamped.map((migration) => migration.name);
}

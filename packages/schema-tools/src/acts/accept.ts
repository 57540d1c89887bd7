import type pg from 'pg';
import { MigrationError } from '../history/errors.ts';
import { type Acceptance, createLedger, enterAct, keepAcceptance } from '../history/ledger.ts';
import { inTransaction } from '../history/transaction.ts';
import type { Project } from '../project.ts';
import { checkDatabase } from './check.ts';

/**
 * Records that a difference may stay while the object stays as it is. The caller holds the migration lock.
 * @throws MigrationError `refused` where there is no such difference, with a list of all
 */
export async function acceptDifference(
  client: pg.ClientBase,
  project: Project,
  { code, object, reason }: Omit<Acceptance, 'actual'>,
): Promise<{ acceptance: Acceptance; database: string; serverVersion: string }> {
  const { drift, database, serverVersion } = await checkDatabase(client, { project });
  const finding = drift.find((each) => each.code === code && each.object === object);
  if (!finding) {
    const there = drift.map((each) => `${each.code} ${each.object}`).join(', ') || 'none';
    throw new MigrationError('refused', `There is no difference ${code} ${object}; there are: ${there}.`);
  }
  const acceptance = { code, object, actual: finding.actual, reason };
  await createLedger(client, project);
  await inTransaction(client, async () => {
    const target = `${code} ${object}`;
    const details = acceptance;
    const act = await enterAct(client, project, { act: 'accept', target, hash: null, outcome: 'done', details });
    await keepAcceptance(client, project, act, acceptance);
  });
  return { acceptance, database, serverVersion };
}

import type pg from 'pg';
import { bareStatements } from './apply.ts';
import { enterAct, readLastAct } from '../history/ledger.ts';
import { MigrationError } from '../history/errors.ts';
import type { Migration } from '../history/folder.ts';
import type { Project } from '../project.ts';

/**
 * The statement at which a file without a transaction continues: the first, unless it was begun and resolved otherwise.
 * @throws MigrationError `half_applied` when it was begun, did not end and is not resolved
 */
export async function resumePoint(client: pg.ClientBase, project: Project, migration: Migration): Promise<number> {
  if (migration.transactional) return 0;
  const last = await readLastAct(client, project, migration.name, ['migrate', 'resolve']);
  if (last === undefined || last.outcome === 'done' || last.outcome === 'failed') return 0;
  const statement = numberIn(last.details, 'statement');
  if (last.act === 'resolve') return statement;
  throw new MigrationError('half_applied', halfApplied(project, migration, last.hash, statement), {
    file: migration.name,
  });
}

function halfApplied(
  project: Project,
  { name, hash, ...migration }: Migration,
  begunHash: string | null,
  statement: number,
): string {
  const statements = bareStatements(migration);
  const begins = `\`${project.program} migrate --restart\` begins anew, \`${project.program} stamp ${name}\` takes it as done once its effects are there`;
  if (begunHash !== hash) return `${name}.sql was begun, stopped, and was edited since: ${begins}.`;
  const where = `statement ${statement + 1} of ${statements.length} (${(statements[statement] ?? '').slice(0, 80)})`;
  return `${name}.sql stopped at ${where} and was not rolled back: ${begins}, \`${project.program} migrate --continue\` goes on with that statement.`;
}

/** Resolves a half-applied file: continue with the statement that stopped, or restart. */
export async function resolveHalfApplied(
  client: pg.ClientBase,
  project: Project,
  migration: Migration,
  how: 'continue' | 'restart',
): Promise<number> {
  const last = await readLastAct(client, project, migration.name, ['migrate', 'resolve']);
  if (last === undefined || (last.outcome !== 'half_applied' && last.outcome !== 'started')) {
    throw new MigrationError('refused', `${migration.name} is not half applied: there is nothing to resolve.`);
  }
  if (how === 'continue' && last.hash !== migration.hash) {
    throw new MigrationError('refused', `${migration.name} was edited since it stopped: begin it anew.`);
  }
  const statement = how === 'continue' ? numberIn(last.details, 'statement') : 0;
  await enterAct(client, project, {
    act: 'resolve',
    target: migration.name,
    hash: migration.hash,
    outcome: 'resolved',
    details: { statement, how },
  });
  return statement;
}

function numberIn(details: Record<string, unknown> | undefined, key: string): number {
  const value = details?.[key];
  return typeof value === 'number' ? value : 0;
}

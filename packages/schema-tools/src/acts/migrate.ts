import type pg from 'pg';
import type { BaseLogger } from 'pino';
import { applyMigration, defaultPatience, type LockPatience } from './apply.ts';
import { expectSchema } from '../catalog/expected.ts';
import { requireFitServer } from './doctor/server.ts';
import { findMissingEffects } from './effects.ts';
import { resolveHalfApplied, resumePoint } from './half-applied.ts';
import { type Comparison, createHistory } from '../history/history.ts';
import { createLedger } from '../history/ledger.ts';
import { lintMigrations } from '../fix/lint.ts';
import { type HistoryProblem, MigrationError, refuse } from '../history/errors.ts';
import { withMigrationLock } from '../history/lock.ts';
import { type Migration, placeOf, readMigrations } from '../history/folder.ts';
import { type QueueVersion, readQueueVersion } from '../history/queue.ts';
import { contradictions, readStanding } from './standing.ts';
import type { Project } from '../project.ts';

export type MigrateOptions = {
  url: string;
  project: Project;
  /** The last migration to apply; all when left out. */
  to?: string | undefined;
  log?: Pick<BaseLogger, 'info'>;
  /** How a file goes on that stopped half-way: with the statement that stopped, or from its first. */
  resume?: 'continue' | 'restart' | undefined;
  /** Called after each file. */
  onApplied?: (name: string) => void;
  /** How long to wait for another process that migrates; 60 s when left out. */
  lockWaitMs?: number;
  patience?: LockPatience;
  /** Codes of destructive hazards that are meant. */
  allow?: readonly string[];
};

/** The names of the files applied now, how many were applied before, and whether newer code has applied others after them. */
export type MigrateResult = { applied: string[]; already: number; ahead: boolean };

export type MigrationStatus = {
  applied: string[];
  pending: string[];
  problems: HistoryProblem[];
  queue: { version: QueueVersion; wanted: number };
};

/**
 * Brings the database up to the migrations folder, and checks that it is there. Several
 * processes may do so at once: one works, the others wait and find nothing to do. Works on the history table of
 * `drizzle-kit migrate` and can take turns with it. Every file is entered in the ledger.
 * @throws MigrationError
 */
export async function migrate(options: MigrateOptions): Promise<MigrateResult> {
  const { project, to, lockWaitMs = 60_000, patience = defaultPatience, log, allow = [] } = options;
  const migrations = upTo(await readMigrations(project), to);
  return project.connections.connect(options.url, `${project.program} migrate`, async (client) => {
    await requireFitServer(client, project, options.url);
    return withMigrationLock(client, lockWaitMs, async () => {
      const comparison = await readStanding(client, project, migrations.all);
      const problems = contradictions(comparison);
      if (problems.length > 0) refuse(problems);
      const unadopted = await findUnadopted(client, project, migrations.all, comparison);
      if (unadopted) refuse([unadopted]);
      const pending = comparison.pending.filter((migration) => migrations.wanted.includes(migration));
      refuseHazards(pending, allow);
      await createHistory(client);
      await createLedger(client, project);
      if (options.resume !== undefined) await resumeHalfApplied(client, project, pending[0], options.resume);
      for (const migration of pending) {
        await applyMigration(client, project, migration, patience, await resumePoint(client, project, migration));
        log?.info({ migration: migration.name }, 'applied a migration');
        options.onApplied?.(migration.name);
      }
      const missing = contradictions({
        problems: await findMissingEffects(client, project, migrations.wanted, pending.length),
      });
      if (missing.length > 0) refuse(missing);
      const ahead = comparison.problems.length > 0;
      return { applied: pending.map(({ name }) => name), already: comparison.applied.length, ahead };
    });
  });
}

// It is the first that is pending: none after it was begun.
async function resumeHalfApplied(
  client: pg.ClientBase,
  project: Project,
  next: Migration | undefined,
  how: 'continue' | 'restart',
): Promise<void> {
  if (!next) throw new MigrationError('refused', 'No migration is half applied: none is pending.');
  await resolveHalfApplied(client, project, next, how);
}

/** What migrate() would do and what would keep it from it; reads only. Throws MigrationError `unreachable` or, for a broken folder, `history_broken`. */
export async function migrationStatus({
  url,
  project,
}: Pick<MigrateOptions, 'url' | 'project'>): Promise<MigrationStatus> {
  const migrations = await readMigrations(project);
  const look = async (client: pg.Client): Promise<MigrationStatus> => {
    await requireFitServer(client, project, url);
    const { applied, pending, problems } = await readStanding(client, project, migrations);
    const missing = pending.length === 0 ? await findMissingEffects(client, project, migrations) : problems;
    return {
      applied: applied.map(({ name }) => name),
      pending: pending.map(({ name }) => name),
      problems: missing,
      queue: { version: await readQueueVersion(client, project), wanted: project.queue.wanted },
    };
  };
  return project.connections.connect(url, `${project.program} status`, look, project.connections.answerTimeoutMs);
}

/** The folder's migrations, and those of them up to one. Throws MigrationError `refused` for a name that is none. */
export function upTo(all: Migration[], to: string | undefined): { all: Migration[]; wanted: Migration[] } {
  if (to === undefined) return { all, wanted: all };
  const full = all.find(({ name }) => name === to || name.startsWith(`${to}_`))?.name ?? to;
  return { all, wanted: all.slice(0, placeOf(all, full)) };
}

/**
 * Whether a database without a history has tables of ours: applying the first file to them would fail, or worse. They are
 * the earlier system's, or ours and their history is lost where there are tables that it never had.
 */
export async function findUnadopted(
  client: pg.ClientBase,
  project: Project,
  migrations: Migration[],
  { applied, problems }: Pick<Comparison, 'applied' | 'problems'>,
): Promise<HistoryProblem | null> {
  if (applied.length > 0 || problems.length > 0 || migrations.length === 0) return null;
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = to_regnamespace('public') and relkind in ('r', 'p')`,
  );
  if (rows.length === 0) return null;
  const expected = (await expectSchema(client, project, migrations)).after(migrations.length);
  const ours = new Set(expected.filter(({ kind }) => kind === 'table').map(({ name }) => name));
  const there = rows
    .map(({ name }) => name)
    .filter((name) => ours.has(name))
    .sort();
  if (there.length === 0) return null;
  if (there.some((name) => !project.adoption.tables.includes(name))) {
    const lost = `The tables ${there.join(', ')} are there, and the history of migrations that made them is gone: \`${project.program} reset --state\` rebuilds it from what is there.`;
    return { kind: 'missing', object: there[0] ?? '', message: lost };
  }
  const message = `The tables ${there.join(', ')} are there, and no history of migrations: this database belongs to another system. \`${project.program} check\` shows how it differs, and \`${project.program} ${project.adoption.command}\` takes it over.`;
  return { kind: 'unadopted', object: there[0] ?? '', message };
}

/** Refuses files that take contents away, unless each code is allowed. Throws MigrationError `refused`. */
function refuseHazards(pending: Migration[], allow: readonly string[]): void {
  const hazards = lintMigrations(pending).filter(({ destructive, code }) => destructive && !allow.includes(code));
  if (hazards.length === 0) return;
  const list = hazards.map(({ file, code, statement }) => `${file}: ${code}: ${statement}`).join('\n');
  const codes = [...new Set(hazards.map(({ code }) => code))].map((code) => `--allow ${code}`).join(' ');
  throw new MigrationError(
    'refused',
    `Pending migrations take contents away:\n${list}\nIf that is meant, say ${codes}.`,
  );
}

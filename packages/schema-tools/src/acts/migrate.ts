import type pg from 'pg';
import type { BaseLogger } from 'pino';
import { applyMigration, defaultPatience, type LockPatience } from './apply.ts';
import { requireFitServer } from './doctor/server.ts';
import { findMissingEffects } from './effects.ts';
import { resolveHalfApplied, resumePoint } from './half-applied.ts';
import { createHistory } from '../history/history.ts';
import { createLedger } from '../history/ledger.ts';
import { lintMigrations } from '../fix/lint.ts';
import { MigrationError, refuse } from '../history/errors.ts';
import { withMigrationLock } from '../history/lock.ts';
import { type Migration, placeOf, readMigrations } from '../history/folder.ts';
import { contradictions, readStanding } from './standing.ts';
import { findUnadopted } from './status.ts';
import type { Project } from '../project.ts';

export type MigrateOptions = {
  url: string;
  project: Project;
  /** The last migration to apply; default all. */
  to?: string | undefined;
  log?: Pick<BaseLogger, 'info'>;
  /** How to resume a half-applied file: at the statement that stopped, or from the first. */
  resume?: 'continue' | 'restart' | undefined;
  /** Called after each file. */
  onApplied?: (name: string) => void;
  /** Limit of the wait for another migrating process; default 60 s. */
  lockWaitMs?: number;
  patience?: LockPatience;
  /** Codes of accepted destructive hazards. */
  allow?: readonly string[];
};

/** Names of the files applied now, the number applied before, and whether newer code has applied further ones. */
export type MigrateResult = { applied: string[]; already: number; ahead: boolean };

/**
 * Applies pending migrations and verifies the result. Concurrent processes take turns, and later ones find nothing to
 * do. Shares the history table of `drizzle-kit migrate`, and can alternate with it. Every file is recorded in the
 * ledger.
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

// It is the first pending file, since none was begun after it.
async function resumeHalfApplied(
  client: pg.ClientBase,
  project: Project,
  next: Migration | undefined,
  how: 'continue' | 'restart',
): Promise<void> {
  if (!next) throw new MigrationError('refused', 'No migration is half applied: none is pending.');
  await resolveHalfApplied(client, project, next, how);
}

/** Selects the migrations up to `to`. @throws MigrationError `refused` for an unknown name */
export function upTo(all: Migration[], to: string | undefined): { all: Migration[]; wanted: Migration[] } {
  if (to === undefined) return { all, wanted: all };
  const full = all.find(({ name }) => name === to || name.startsWith(`${to}_`))?.name ?? to;
  return { all, wanted: all.slice(0, placeOf(all, full)) };
}

/** @throws MigrationError `refused` for destructive files whose codes are not allowed */
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

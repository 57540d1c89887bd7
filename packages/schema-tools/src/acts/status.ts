import type pg from 'pg';
import { expectSchema } from '../catalog/expected.ts';
import type { DriftFinding, Finding } from '../fix/finding.ts';
import { type HistoryProblem, MigrationError } from '../history/errors.ts';
import { type Migration, readMigrations } from '../history/folder.ts';
import type { Comparison } from '../history/history.ts';
import { readAccepted } from '../history/ledger.ts';
import { queueVersionOf, type QueueVersion, readQueueVersion } from '../history/queue.ts';
import type { Project } from '../project.ts';
import { andMore } from '../text/words.ts';
import { requireFitServer } from './doctor/server.ts';
import { driftOf } from './drift.ts';
import { describeQueue, findingsOfHistory, findingsOfQueue } from './history-findings.ts';
import { contradictions, hindersBeside, readStanding } from './standing.ts';

/**
 * The relation of a database to the migrations. `empty`: none of the tables. `unadopted`: some tables without a
 * history, so it is the earlier system's. `behind`: pending files. `ahead`: migrated by newer code. `hidden`: the role
 * cannot read the history. `broken`: history and folder contradict each other.
 */
export type DatabaseState = 'current' | 'behind' | 'ahead' | 'empty' | 'unadopted' | 'hidden' | 'broken';

export type DatabaseStatus = Comparison & { project: Project; state: DatabaseState; queue: QueueVersion };

/**
 * The relation of a database to the migrations, for a start, a probe and every command. Reads the history and the
 * queue's version, and without a history the names of tables.
 */
export async function readStatus(
  client: pg.ClientBase,
  project: Project,
  migrations: Migration[],
): Promise<DatabaseStatus> {
  const standing = await readStanding(client, project, migrations);
  const unadopted = await findUnadopted(client, project, migrations, standing);
  // A lost history does not make files pending.
  const comparison =
    unadopted?.kind === 'missing'
      ? { applied: migrations, pending: [], problems: [unadopted] }
      : { ...standing, problems: [...standing.problems, ...(unadopted ? [unadopted] : [])] };
  return { ...comparison, project, state: stateOf(comparison), queue: await readQueueVersion(client, project) };
}

function stateOf({ applied, pending, problems }: Comparison): DatabaseState {
  const [problem] = problems;
  if (problem?.kind === 'unadopted' || problem?.kind === 'hidden') return problem.kind;
  if (problems.length > 0) return problems.every(({ kind }) => kind === 'ahead') ? 'ahead' : 'broken';
  if (applied.length === 0 && pending.length > 0) return 'empty';
  return pending.length > 0 ? 'behind' : 'current';
}

/** Grades differences for this code: in a database of newer code they are that code's own work. */
export function weighDrift(state: DatabaseState, drift: DriftFinding[]): DriftFinding[] {
  return state === 'ahead' ? drift.map(besideNewer) : drift;
}

function besideNewer(finding: DriftFinding): DriftFinding {
  return {
    ...finding,
    cause: 'ahead',
    severity: hindersBeside(finding) ? 'critical' : 'info',
    fix: { sql: null, class: 'manual', locks: 'none', advice: 'Deploy the newer code.' },
    steps: [],
  };
}

/**
 * The differences that make statements of this code fail. Empty with pending files or a broken history, which are
 * reported instead, and where the result of the applied files is unknown.
 */
export async function findHindering(
  client: pg.ClientBase,
  { project, state }: DatabaseStatus,
  migrations: readonly Migration[],
): Promise<DriftFinding[]> {
  if (state !== 'current' && state !== 'ahead') return [];
  try {
    const { drift } = await driftOf(client, { project, migrations, accepted: await readAccepted(client, project) });
    return hinderingOf(weighDrift(state, drift));
  } catch (error) {
    if (error instanceof MigrationError && error.code === 'failed') return [];
    throw error;
  }
}

/** The graded differences that make statements of this code fail. */
export function hinderingOf(drift: readonly DriftFinding[]): DriftFinding[] {
  return drift.filter(({ severity, cause }) => severity === 'critical' && (cause === 'drift' || cause === 'ahead'));
}

/** What prevents this code from using a database, and which command helps. */
export type Hindrance = { kind: 'history' | 'pending' | 'queue' | 'drift'; message: string };

const namedObjects = 3;

/**
 * What prevents this code from using a database.
 * @param drift from {@link findHindering}
 * @param starting before the start: the queue's library starts only on its own version, but runs beside a newer one
 */
export function hindrancesOf(
  status: DatabaseStatus,
  drift: readonly DriftFinding[],
  { starting }: { starting: boolean },
): Hindrance[] {
  const { project, state, applied, pending, queue } = status;
  const broken = contradictions(status);
  if (broken.length > 0) return broken.map(({ message }) => ({ kind: 'history', message }));
  if (state === 'empty') {
    const message = `The database holds no tables of ${project.title} yet: run \`${project.program} migrate\` first.`;
    return [{ kind: 'pending', message }];
  }
  if (pending.length > 0) {
    const names = pending.map(({ name }) => name).join(', ');
    const count = `${pending.length} of ${applied.length + pending.length} migrations`;
    const message = `The database lacks ${count} (${names}): run \`${project.program} migrate\` first.`;
    return [{ kind: 'pending', message }];
  }
  const isNewer = typeof queue === 'number' && queue > project.queue.wanted;
  const fits = queue === project.queue.wanted || (isNewer && !starting);
  const { message, advice } = describeQueue(project, queue, false);
  return [
    ...(fits ? [] : [{ kind: 'queue' as const, message: `${message} ${advice}` }]),
    ...(drift.length === 0 ? [] : [{ kind: 'drift' as const, message: driftMessage(status, drift) }]),
  ];
}

function driftMessage({ project, state }: DatabaseStatus, drift: readonly DriftFinding[]): string {
  const named = drift.slice(0, namedObjects).map(({ code, object }) => `${code} ${object}`);
  const list = `(${named.join(', ')}${andMore(drift.length, named.length, ' and')})`;
  return state === 'ahead'
    ? `Newer code migrated the database, and this code can't work on it ${list}: deploy the newer code.`
    : `The schema was changed by hand ${list}: see \`${project.program} check\`.`;
}

/**
 * Reads status and hindering differences on a new connection, for a start. Reads only.
 * @throws MigrationError `unreachable`, `unfit` or, for a folder that contradicts itself, `history_broken`
 */
export async function askDatabase({
  url,
  project,
}: {
  url: string;
  project: Project;
}): Promise<{ status: DatabaseStatus; drift: DriftFinding[] }> {
  const migrations = await readMigrations(project);
  const look = async (client: pg.Client) => {
    await requireFitServer(client, project, url);
    const status = await readStatus(client, project, migrations);
    return { status, drift: await findHindering(client, status, migrations) };
  };
  return project.connections.connect(url, `${project.program} status`, look, project.connections.answerTimeoutMs);
}

/** The status as findings, with the job queue's schema. */
export function findingsOfStatus(status: DatabaseStatus): Finding[] {
  const { project, state, pending, queue } = status;
  // Adoption installs the queue too.
  const help = state === 'unadopted' ? `${project.program} ${project.adoption.command}` : undefined;
  return [
    ...findingsOfHistory(project, status),
    ...findingsOfQueue(project, queue, queueVersionOf(pending) !== null, help),
  ];
}

/**
 * Finds our tables in a database without a history, on which the first file must not run. They are the earlier
 * system's, or, if there are tables that it never had, ours with a lost history.
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

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
 * How a database stands to the migrations. `empty`: it has none of the tables. `unadopted`: it has some and no history,
 * so it is the earlier system's. `behind`: files are pending. `ahead`: newer code migrated it. `hidden`: the role may not
 * read the history. `broken`: history and folder contradict each other.
 */
export type DatabaseState = 'current' | 'behind' | 'ahead' | 'empty' | 'unadopted' | 'hidden' | 'broken';

/** What is applied, pending and contradictory, and the version of the job queue's schema. */
export type DatabaseStatus = Comparison & { project: Project; state: DatabaseState; queue: QueueVersion };

/**
 * How a database stands to the migrations: the one answer to that question, for a start, a probe and every command. Reads
 * the history and the queue's version; the names of the tables too where nothing is recorded.
 */
export async function readStatus(
  client: pg.ClientBase,
  project: Project,
  migrations: Migration[],
): Promise<DatabaseStatus> {
  const standing = await readStanding(client, project, migrations);
  const unadopted = await findUnadopted(client, project, migrations, standing);
  // A history that is gone says of no file that it is still to be applied.
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

/** Differences as they weigh for this code: on a database that newer code migrated they are that code's own work. */
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
 * The differences over which statements of this code would fail. Empty where files are pending or the history is broken,
 * which is told instead, and where nothing says what the applied files make.
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

/** Of weighed differences those over which statements of this code would fail. */
export function hinderingOf(drift: readonly DriftFinding[]): DriftFinding[] {
  return drift.filter(({ severity, cause }) => severity === 'critical' && (cause === 'drift' || cause === 'ahead'));
}

/** What keeps this code from working on a database, with the command that helps. */
export type Hindrance = { kind: 'history' | 'pending' | 'queue' | 'drift'; message: string };

const namedObjects = 3;

/**
 * What keeps this code from working on a database; empty when nothing does.
 * @param drift those of `findHindering`
 * @param starting whether the code is still to start: the queue's library starts on the version that it wants alone, and
 *   goes on beside a newer one
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
 * What a start asks of a database, over a connection of its own: its status, and the differences that hinder. Reads only.
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

/** The status as findings: what contradicts, and how the job queue's schema stands to its library. */
export function findingsOfStatus(status: DatabaseStatus): Finding[] {
  const { project, state, pending, queue } = status;
  // Taking over brings the queue too.
  const help = state === 'unadopted' ? `${project.program} ${project.adoption.command}` : undefined;
  return [
    ...findingsOfHistory(project, status),
    ...findingsOfQueue(project, queue, queueVersionOf(pending) !== null, help),
  ];
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

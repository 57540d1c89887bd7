import type { Finding } from '../fix/finding.ts';
import type { Comparison } from '../history/history.ts';
import type { HistoryProblem } from '../history/errors.ts';
import { queueSchema, type QueueVersion, wantedQueueVersion } from '../history/queue-version.ts';

/** Codes of findings about the history of migrations, with what they mean. */
export const historyCodes = {
  history_missing: 'There are tables of the service and no history of migrations, or a part of it is gone.',
  history_hidden: 'This role may not read the history of migrations.',
  history_edited: 'A migration was edited after it was applied.',
  history_unknown: 'The history has a row that no file belongs to.',
  history_ahead: 'The database was migrated by newer code: its history goes on after the newest file.',
  history_out_of_order: 'A file that is not applied is older than one that is.',
  history_duplicate: 'The history has a migration twice.',
  history_folder: 'The folder and its journal contradict each other.',
  history_effect_missing: 'The history says that a migration was applied, and what it makes is not there.',
  queue_missing: 'The schema of pg-boss, in which jobs wait, is not installed.',
  queue_behind: 'The schema of pg-boss is older than the installed pg-boss needs.',
  queue_newer: 'The schema of pg-boss is newer than the installed pg-boss knows.',
  queue_hidden: 'This role may not read the version of pg-boss’s schema.',
} as const satisfies Record<string, string>;
export type HistoryCode = keyof typeof historyCodes;

const codeOfProblem: Record<HistoryProblem['kind'], HistoryCode> = {
  edited: 'history_edited',
  unknown: 'history_unknown',
  ahead: 'history_ahead',
  out_of_order: 'history_out_of_order',
  duplicate: 'history_duplicate',
  folder: 'history_folder',
  effect_missing: 'history_effect_missing',
  unadopted: 'history_missing',
  missing: 'history_missing',
  hidden: 'history_hidden',
  journal: 'history_folder',
};

const adviceOfProblem: Record<HistoryProblem['kind'], string> = {
  edited: 'Restore the file and put the change into a new one.',
  unknown: 'Bring the missing file back, or rebuild the history with `likeness db reset --state`.',
  ahead: 'Deploy the newer code.',
  out_of_order: 'Generate it anew so that it comes last.',
  duplicate: 'Rebuild the history with `likeness db reset --state`.',
  folder: 'Restore the folder from version control.',
  effect_missing: 'See `likeness db check`, then `likeness db repair`.',
  missing: 'Rebuild the history with `likeness db reset --state`.',
  hidden: 'Grant it usage on the schema drizzle, and select on its tables.',
  journal: 'Give the file its date and place again, or generate it anew.',
  unadopted: 'Take it over with `likeness db adopt --from alembic`.',
};

/** What contradicts between history and folder, as findings. */
export function findingsOfHistory({ problems }: Pick<Comparison, 'problems'>): Finding[] {
  return problems.map((problem) => ({
    code: codeOfProblem[problem.kind],
    severity: problem.kind === 'ahead' || problem.kind === 'hidden' ? 'warning' : 'critical',
    cause: 'drift',
    object: problem.object,
    table: null,
    expected: null,
    actual: null,
    message: problem.message,
    fix: { sql: null, class: 'manual', locks: 'none', advice: adviceOfProblem[problem.kind] },
  }));
}

/**
 * What is wrong with the schema of pg-boss, whose inside is pg-boss's own matter.
 * @param pending whether the file that makes this version is still to be applied
 * @param help the command that applies it
 */
export function findingsOfQueue(version: QueueVersion, pending: boolean, help = 'likeness db migrate'): Finding[] {
  if (version === wantedQueueVersion) return [];
  const { code, message, advice } = describeQueue(version, pending, help);
  return [
    {
      code,
      severity: code === 'queue_hidden' ? 'warning' : 'critical',
      cause: pending && code !== 'queue_newer' ? 'pending' : 'drift',
      object: queueSchema,
      table: null,
      expected: `version ${wantedQueueVersion}`,
      actual: typeof version === 'number' ? `version ${version}` : null,
      message,
      fix: {
        sql: null,
        class: code === 'queue_missing' || code === 'queue_behind' ? 'additive' : 'manual',
        locks: 'none',
        advice,
      },
    },
  ];
}

/**
 * How the schema of pg-boss stands to the installed pg-boss, in words.
 * @param pending whether the file that makes this version is still to be applied
 * @param help the command that applies it
 */
export function describeQueue(
  version: QueueVersion,
  pending: boolean,
  help = 'likeness db migrate',
): { code: HistoryCode; message: string; advice: string } {
  const needed = `this code needs version ${wantedQueueVersion}`;
  const advice = pending ? `Run \`${help}\`.` : 'See `likeness db status`: the file that makes it counts as applied.';
  if (version === 'hidden') {
    const message = `This role may not read ${queueSchema}.version, so the version of the job queue is not known.`;
    return {
      code: 'queue_hidden',
      message,
      advice: `Grant it usage on the schema ${queueSchema}, and select, insert, update, delete on its tables.`,
    };
  }
  if (version === null)
    return {
      code: 'queue_missing',
      message: `The job queue is not installed: there is no schema ${queueSchema}, and ${needed} of it.`,
      advice,
    };
  if (version < wantedQueueVersion)
    return {
      code: 'queue_behind',
      message: `The job queue is older than this code: its schema has version ${version}, and ${needed}.`,
      advice,
    };
  const message = `The job queue is newer than this code: its schema has version ${version}, and pg-boss starts on version ${wantedQueueVersion} alone.`;
  return { code: 'queue_newer', message, advice: 'Deploy the newer code.' };
}

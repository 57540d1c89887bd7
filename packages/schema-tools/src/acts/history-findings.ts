import type { Finding } from '../fix/finding.ts';
import type { Comparison } from '../history/history.ts';
import type { HistoryProblem } from '../history/errors.ts';
import type { QueueVersion } from '../history/queue.ts';
import type { Project } from '../project.ts';

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
  queue_missing: 'The job queue’s schema is not installed.',
  queue_behind: 'The job queue’s schema is older than its installed library needs.',
  queue_newer: 'The job queue’s schema is newer than its installed library knows.',
  queue_hidden: 'This role may not read the version of the job queue’s schema.',
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

const adviceOfProblem = (project: Project): Record<HistoryProblem['kind'], string> => ({
  edited: 'Restore the file and put the change into a new one.',
  unknown: `Bring the missing file back, or rebuild the history with \`${project.program} reset --state\`.`,
  ahead: 'Deploy the newer code.',
  out_of_order: 'Generate it anew so that it comes last.',
  duplicate: `Rebuild the history with \`${project.program} reset --state\`.`,
  folder: 'Restore the folder from version control.',
  effect_missing: `See \`${project.program} check\`, then \`${project.program} repair\`.`,
  missing: `Rebuild the history with \`${project.program} reset --state\`.`,
  hidden: 'Grant it usage on the schema drizzle, and select on its tables.',
  journal: 'Give the file its date and place again, or generate it anew.',
  unadopted: `Take it over with \`${project.program} ${project.adoption.command}\`.`,
});

export function findingsOfHistory(project: Project, { problems }: Pick<Comparison, 'problems'>): Finding[] {
  const advice = adviceOfProblem(project);
  return problems.map((problem) => ({
    code: codeOfProblem[problem.kind],
    severity: problem.kind === 'ahead' || problem.kind === 'hidden' ? 'warning' : 'critical',
    cause: 'drift',
    object: problem.object,
    table: null,
    expected: null,
    actual: null,
    message: problem.message,
    fix: { sql: null, class: 'manual', locks: 'none', advice: advice[problem.kind] },
  }));
}

/**
 * Findings about the version of the job queue's schema, which belongs to its library.
 * @param pending whether the file that creates this version is not applied yet
 * @param help the command that applies it
 */
export function findingsOfQueue(
  project: Project,
  version: QueueVersion,
  pending: boolean,
  help = `${project.program} migrate`,
): Finding[] {
  const { schema, wanted } = project.queue;
  if (version === wanted) return [];
  const { code, message, advice } = describeQueue(project, version, pending, help);
  return [
    {
      code,
      severity: code === 'queue_hidden' ? 'warning' : 'critical',
      cause: pending && code !== 'queue_newer' ? 'pending' : 'drift',
      object: schema,
      table: null,
      expected: `version ${wanted}`,
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
 * Describes the version of the job queue's schema relative to the installed library.
 * @param pending whether the file that creates this version is not applied yet
 * @param help the command that applies it
 */
export function describeQueue(
  project: Project,
  version: QueueVersion,
  pending: boolean,
  help = `${project.program} migrate`,
): { code: HistoryCode; message: string; advice: string } {
  const { library, schema, wanted } = project.queue;
  const needed = `this code needs version ${wanted}`;
  const advice = pending
    ? `Run \`${help}\`.`
    : `See \`${project.program} status\`: the file that makes it counts as applied.`;
  if (version === 'hidden') {
    const message = `This role may not read ${schema}.version, so the version of the job queue is not known.`;
    return {
      code: 'queue_hidden',
      message,
      advice: `Grant it usage on the schema ${schema}, and select, insert, update, delete on its tables.`,
    };
  }
  if (version === null)
    return {
      code: 'queue_missing',
      message: `The job queue is not installed: there is no schema ${schema}, and ${needed} of it.`,
      advice,
    };
  if (version < wanted)
    return {
      code: 'queue_behind',
      message: `The job queue is older than this code: its schema has version ${version}, and ${needed}.`,
      advice,
    };
  const message = `The job queue is newer than this code: its schema has version ${version}, and ${library} starts on version ${wanted} alone.`;
  return { code: 'queue_newer', message, advice: 'Deploy the newer code.' };
}

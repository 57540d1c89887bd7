import type { JobStatus } from '../../src/platform/db/schema.ts';
import {
  type SignalKind,
  signalKinds,
  type JobState,
  type Transition,
  transition,
} from '../../src/fal-jobs/lifecycle.ts';

/** Where every training begins. */
export const start: JobState = {
  status: 'queued',
  blocked: false,
  submit_unknown: false,
  needs_attention: false,
  cancel_requested: false,
  late_result: 'none',
};

/** @returns every state that some order of signals leads to, in the order in which they are found */
export function reachableStates(): JobState[] {
  const found = new Map([[nameOf(start), start]]);
  // A Map is walked in the order of insertion, what is added on the way included.
  for (const state of found.values()) {
    for (const signal of signalKinds) {
      const step = transition(state, signal);
      if (step !== 'unchanged' && !found.has(nameOf(step.to))) found.set(nameOf(step.to), step.to);
    }
  }
  return [...found.values()];
}

/** @returns the table of the state machine as Markdown: one row for each signal that means something in a status */
export function renderTable(statuses: readonly JobStatus[]): string {
  const states = reachableStates();
  const rows = statuses.flatMap((status) =>
    signalKinds.flatMap((signal) =>
      rowsOf(
        states.filter((state) => state.status === status),
        signal,
      ),
    ),
  );
  const head = ['In', 'when', 'signal', 'becomes', 'marks', 'event'];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

type Step = { from: JobState; step: Transition };

/** @returns one row for each outcome that the signal has in these states of one status */
function rowsOf(states: JobState[], signal: SignalKind): string[][] {
  const outcomes = new Map<string, Step[]>();
  for (const from of states) {
    const step = transition(from, signal);
    if (step === 'unchanged') continue;
    const outcome = `${step.to.status} ${step.event}`;
    outcomes.set(outcome, [...(outcomes.get(outcome) ?? []), { from, step }]);
  }
  return [...outcomes.values()].map((steps) => rowOf(steps, states, signal));
}

function rowOf(steps: Step[], states: JobState[], signal: SignalKind): string[] {
  const [first] = steps;
  if (!first) throw new Error('an outcome is made of one step at least');
  const { from, step } = first;
  return [
    `\`${from.status}\``,
    conditionOf(
      steps.map((one) => one.from),
      states,
    ),
    `\`${signal}\``,
    step.to.status === from.status ? 'the same' : `\`${step.to.status}\``,
    marksOf(steps),
    step.event ? `\`training.${step.event}\`` : 'none',
  ];
}

const flags = ['blocked', 'submit_unknown', 'needs_attention', 'cancel_requested'] as const;

/** What these steps set and clear; what they all leave as it was is not named. */
function marksOf(steps: Step[]): string {
  const set = flags.filter((flag) => steps.every(({ step }) => step.to[flag]) && steps.some(({ from }) => !from[flag]));
  // A mark that belongs to a status goes with it; that needs no words.
  const cleared = flags.filter(
    (flag) =>
      steps.every(({ from, step }) => step.to.status === from.status && !step.to[flag]) &&
      steps.some(({ from }) => from[flag]),
  );
  const late = steps.flatMap(({ from, step }) => (from.late_result === step.to.late_result ? [] : step.to.late_result));
  return [
    ...set.map((flag) => `sets \`${flag}\``),
    ...cleared.map((flag) => `clears \`${flag}\``),
    ...new Set(late.map((value) => `late result ${value}`)),
  ].join(', ');
}

/** The one mark that tells these states from the others of their status; empty when there are no others. */
function conditionOf(chosen: JobState[], all: JobState[]): string {
  const isChosen = (test: (state: JobState) => boolean) => all.every((state) => test(state) === chosen.includes(state));
  if (isChosen(() => true)) return '';
  for (const flag of flags) {
    if (isChosen((state) => state[flag])) return `\`${flag}\``;
    if (isChosen((state) => !state[flag])) return `not \`${flag}\``;
  }
  for (const late of ['none', 'reported', 'stored'] as const) {
    if (isChosen((state) => state.late_result === late)) return `late result ${late}`;
  }
  throw new Error(`No single mark tells ${chosen.map(nameOf).join(', ')} from ${all.map(nameOf).join(', ')}`);
}

export function nameOf(state: JobState): string {
  return JSON.stringify(state);
}

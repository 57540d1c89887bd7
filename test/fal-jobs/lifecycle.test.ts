import { readFile, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { t } from '../support/tap.ts';
import { jobStatuses } from '../../src/platform/db/schema.ts';
import { isTerminal, type SignalKind, signalKinds, type JobState, transition } from '../../src/fal-jobs/lifecycle.ts';
import { brokenState, brokenStep } from '../../lab/ground/job-rules.ts';
import { nameOf, reachableStates, renderTable, start } from './lifecycle-table.ts';

const page = new URL('../../docs/lifecycle.md', import.meta.url);
const table = /(?<=<!-- table -->\n)[^]*(?=\n?<!-- end of table -->)/;

t.test('docs/lifecycle.md holds the table of the state machine', async (t) => {
  const text = await readFile(page, 'utf8');
  const rendered = `\n${renderTable(jobStatuses)}\n`;
  if (process.env['TAP_SNAPSHOT'] === '1')
    await writeFile(
      page,
      text.replace(table, () => rendered),
    );
  else t.equal(table.exec(text)?.[0], rendered, 'write it anew as the page says');
  for (const signal of signalKinds) t.match(text, `\`${signal}\``, `the page names ${signal}`);
});

t.test('every state that can be reached is a lawful one', async (t) => {
  const states = reachableStates();
  t.ok(states.length > jobStatuses.length);
  for (const status of jobStatuses)
    t.ok(
      states.some((state) => state.status === status),
      `${status} is reached`,
    );
  for (const state of states) t.same(brokenState(state), [], nameOf(state));
});

t.test('every open state can be ended by the clock, and none comes to success but by a verified file', async (t) => {
  for (const state of reachableStates()) {
    const given = transition(state, 'give_up');
    if (isTerminal(state.status)) t.equal(given, 'unchanged', `${state.status} absorbs give_up`);
    else t.match(given, { to: { status: 'failed' } }, `${state.status} is left by give_up`);
    for (const signal of signalKinds) {
      const step = transition(state, signal);
      if (step === 'unchanged' || step.to.status !== 'succeeded' || state.status === 'succeeded') continue;
      t.match(signal, /^(artifacts|accept_late)$/, `${state.status} by ${signal}`);
    }
  }
});

t.test('only answers that say that nothing was queued lead to another submission', async (t) => {
  const mayBeAtFal = reachableStates().filter(({ status }) => status !== 'queued' && status !== 'preparing');
  for (const state of mayBeAtFal) {
    for (const signal of signalKinds) {
      const step = transition(state, signal);
      if (step === 'unchanged' || (step.to.status !== 'queued' && step.to.status !== 'preparing')) continue;
      t.equal(state.status, 'submitting');
      t.match(signal, /^(blocked|not_submitted)$/);
      t.notOk(state.cancel_requested, 'one who asked to stop is not submitted again');
    }
  }
});

t.test('no order of signals breaks a rule', async (t) => {
  // Signals in runs of up to forty, some repeated at once as webhooks are.
  const signals = fc.array(fc.constantFrom<SignalKind>(...signalKinds), { minLength: 1, maxLength: 40 });
  let orders = 0;
  fc.assert(
    fc.property(signals, (order) => {
      orders += 1;
      let state = start;
      for (const signal of order) state = follow(state, signal);
    }),
    { numRuns: 100_000 },
  );
  t.equal(orders, 100_000);
});

/** Applies a signal and checks what must hold for every step. */
function follow(state: JobState, signal: SignalKind): JobState {
  const before = nameOf(state);
  const step = transition(state, signal);
  if (nameOf(state) !== before) throw new Error(`${signal} changed the state it was given`);
  if (step === 'unchanged') return state;
  const { to, event } = step;
  const faults = [...brokenState(to), ...brokenStep(state, signal, to)];
  if (to.status !== state.status && event === null) faults.push('a change of status was not told');
  if (faults.length > 0) throw new Error(`${before} by ${signal}: ${faults.join('; ')}`);
  return to;
}

import { t } from '../support/tap.ts';
import { trainingChanges } from '../../src/features/trainings/changes.ts';
import { changesOf } from '../../src/fal-jobs/changes.ts';
import { transition } from '../../src/fal-jobs/lifecycle.ts';
import { stateOf } from '../../src/fal-jobs/advance.ts';
import type { Signal } from '../../src/fal-jobs/signals.ts';
import type { Artifacts } from '../../src/platform/db/schema.ts';
import { aTraining, anError, someArtifacts, type Training } from '../../lab/ground/training.ts';
import { line, longestRunMs, signalOf, timing } from '../../lab/ground/signals.ts';

const now = new Date('2026-03-01T12:00:00Z');
const after = (ms: number) => new Date(now.getTime() + ms);
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

function changes(training: Training, signal: Signal<Artifacts>) {
  const step = transition(stateOf(training), signal.kind);
  if (step === 'unchanged') throw new Error(`${signal.kind} changes nothing in ${training.status}`);
  return {
    ...changesOf(training, step, signal, now, timing, longestRunMs),
    ...trainingChanges(training, step.to.status, signal),
  };
}

const deadline = after(5 * hour);
const at = (status: Training['status'], more: Partial<Training> = {}) =>
  aTraining({ status, deadline_at: deadline, submitted_at: after(-minute), ...more });

t.test('intent: what is sent is on record before it is sent, and the answer is looked after', async (t) => {
  const training = at('preparing');
  const signal = signalOf('submit', training);
  t.match(changes(training, signal), {
    status: 'submitting',
    submissions: 1,
    submission_id: 'submission 1 of 01890000-0000-7000-8000-000000000001',
    archive_url: 'https://v3.fal.media/files/archive.zip',
    fal_input: training.settings,
    submitted_at: now,
    next_check_at: new Date(1000),
  });
  t.notOk('deadline_at' in changes(training, signal), 'until it is let in, the deadline is that of the wait');
});

t.test('accepted: the deadline is the start time-out and the longest run, the first look is early', async (t) => {
  const change = changes(at('submitting'), { kind: 'accepted', falRequestId: 'r', gatewayRequestId: 'g' });
  t.match(change, { status: 'in_queue', fal_request_id: 'r', gateway_request_id: 'g', accepted_at: now });
  t.same(change.deadline_at, after(hour + longestRunMs));
  t.ok(isBetween(change.next_check_at, after(12_000), after(18_000)), 'around 15 s');
});

t.test('waiting: a training that fal refuses waits no longer than was set', async (t) => {
  const refused = changes(at('submitting'), { kind: 'blocked', reason: 'provider-locked', from: 'submitting' });
  t.match(refused, { status: 'queued', blocked_at: now, blocked_reason: 'provider-locked' });
  t.same(refused.deadline_at, deadline, 'the wait goes on from where it began');
  t.same(refused.next_check_at, deadline);
  const again = changes(at('queued', { blocked_at: after(-hour), blocked_reason: 'provider-locked' }), {
    kind: 'blocked',
    reason: 'provider-unauthorized',
    from: 'queued',
  });
  t.match(again, { blocked_at: after(-hour), blocked_reason: 'provider-unauthorized' });
  const settled = changes(at('submitting', { submit_unknown_at: after(-day) }), { kind: 'not_submitted' });
  t.match(settled, { status: 'queued', deadline_at: after(day), submit_unknown_at: null, needs_attention_at: null });
});

t.test('unknown: it is pursued from the POST on for as long as was set', async (t) => {
  for (const kind of ['submit_unknown', 'needs_attention'] as const) {
    const training = at('submitting');
    t.match(changes(training, signalOf(kind, training)), {
      status: 'submitting',
      submit_unknown_at: now,
      deadline_at: after(7 * day - minute),
      next_check_at: after(15_000),
    });
  }
});

t.test('cancel: whoever asks in the middle of the POST moves no clock', async (t) => {
  const change = changes(at('submitting'), { kind: 'cancel' });
  t.match(change, { status: 'submitting', cancel_requested_at: now });
  t.notOk('next_check_at' in change);
  t.match(changes(at('queued'), { kind: 'cancel' }), { status: 'cancelled', charged: 'no', ended_at: now });
  t.match(changes(at('submitting', { cancel_requested_at: now }), { kind: 'not_submitted' }), {
    status: 'cancelled',
    charged: 'no',
  });
  const refused = { kind: 'blocked', reason: 'provider-locked', from: 'submitting' } as const;
  t.match(changes(at('submitting', { cancel_requested_at: now }), refused), { status: 'cancelled', charged: 'no' });
});

t.test('progress: each answer replaces the log, unless it has lost some of it', async (t) => {
  const training = at('in_progress', { logs: [line(1, 100), line(50, 100)], progress: 50, checks: 3 });
  const longer = changes(training, { kind: 'in_progress', logs: [...training.logs, line(80, 100)] });
  t.match(longer, { step: 80, total_steps: 100, loss: 0.4, eta_seconds: 88, progress: 80, last_status_check: now });
  t.ok(isBetween(longer.next_check_at, after(48_000), after(72_000)), 'around a minute');
  const shorter = changes(training, { kind: 'in_progress', logs: [line(1, 100)] });
  t.notOk('logs' in shorter || 'progress' in shorter);
  t.same(shorter.last_status_check, now);
});

t.test('success: all but the files is there, which are fetched while fal keeps them', async (t) => {
  const training = at('submitting');
  t.match(changes(training, signalOf('success', training)), {
    status: 'verifying',
    progress: 99,
    fal_request_id: `request of ${training.id}`,
    accepted_at: now,
    started_at: now,
    result_source: 'webhook',
    deadline_at: after(7 * day),
    next_check_at: after(minute),
  });
  const stored = changes(at('verifying'), { kind: 'artifacts', artifacts: someArtifacts('x') });
  t.match(stored, { status: 'succeeded', progress: 100, charged: 'yes', ended_at: now, next_check_at: null });
});

t.test('failure: by webhook it comes without log and bill, which are asked for at once', async (t) => {
  const training = at('in_progress');
  const failure = { kind: 'failure', falRequestId: 'r', error: anError, charged: 'unknown', logs: null } as const;
  const byWebhook = changes(training, { ...failure, source: 'webhook' });
  t.match(byWebhook, { status: 'failed', error: anError, charged: 'unknown', next_check_at: now, ended_at: now });
  const byPoll = changes(training, { ...failure, source: 'poll', logs: [line(3, 10)] });
  t.match(byPoll, { next_check_at: null, last_status_check: now, step: 3 });
  const told = changes(at('failed', { ended_at: now, charged: 'unknown', logs: [line(3, 10)] }), {
    kind: 'postscript',
    logs: [line(3, 10), line(4, 10)],
    charged: 'no',
  });
  t.match(told, { step: 4, charged: 'no', next_check_at: null, eta_seconds: null });
  const known = changes(at('failed', { ended_at: now, charged: 'yes' }), {
    kind: 'postscript',
    logs: null,
    charged: 'no',
  });
  t.notOk('charged' in known, 'what is known stays');
  const done = changes(at('succeeded', { progress: 100 }), { kind: 'postscript', logs: [line(3, 10)], charged: null });
  t.equal(done.progress, 100, 'the bar stays where the end put it');
});

t.test('late: what comes after the end is fetched, kept apart, and taken up with its request', async (t) => {
  const failed = at('failed', { ended_at: after(-day), charged: 'unknown', error: anError });
  const late = changes(failed, signalOf('success', failed));
  t.match(late, {
    status: 'failed',
    charged: 'yes',
    fal_request_id: `request of ${failed.id}`,
    deadline_at: after(7 * day),
    next_check_at: after(minute),
  });
  t.notOk('ended_at' in late || 'artifacts' in late || 'result' in late);
  const reported = { ...failed, late_result: {}, charged: 'yes' as const };
  const stored = changes(reported, { kind: 'artifacts', artifacts: someArtifacts('x') });
  t.match(stored, { status: 'failed', late_artifacts: someArtifacts('x'), next_check_at: null });
  t.notOk('artifacts' in stored);
  const accepted = changes({ ...reported, late_artifacts: someArtifacts('x') }, { kind: 'accept_late' });
  t.match(accepted, { status: 'succeeded', artifacts: someArtifacts('x'), error: null, progress: 100 });
});

function isBetween(value: unknown, from: Date, to: Date): boolean {
  return value instanceof Date && value >= from && value <= to;
}

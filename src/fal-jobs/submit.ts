import { setTimeout as delay } from 'node:timers/promises';
import type { Context } from '../context.ts';
import { isDeterministic } from '../platform/db/faults.ts';
import { transact } from '../platform/db/transact.ts';
import { defineJob, type QueuedJob } from '../platform/jobs/define.ts';
import { topics } from '../topics.ts';
import { advanceIn, advanceJob, logAdvance } from './advance.ts';
import { bareSignal } from './bare-signal.ts';
import { outageGapMs } from './backoff.ts';
import { noteAdmission, noteRefusal } from './circuit.ts';
import { type Answer, signalOfSubmit, signalOfUpload, unprepared } from './fal-signals.ts';
import { idIn } from './follow-ups.ts';
import { idOf, type JobKind, type JobRow, type Prepared } from './kind.ts';
import type { Signal, SignalOf } from './signals.ts';
import { jobToken } from './token.ts';

/**
 * Submits a job: preparation, intent, one POST. Safe to rerun after a crash: a preparing job is prepared again, reusing
 * uploads; a submitting one is left to reconcile-submission.ts, since the POST may have been made. When the job ends
 * meanwhile, preparation is aborted.
 */
export function submitJobOf<Row extends JobRow>(kind: JobKind<Row>): QueuedJob<Context, typeof kind.jobs.submit.data> {
  return defineJob({
    ...kind.jobs.submit,
    concurrency: 4,
    async run(context, data, signal) {
      const row = await kind.store.find(context.db, idIn(kind, data));
      if (row?.status !== 'preparing') return;
      const stopped = new AbortController();
      const off = context.wakeups.on(kind.topics.stopped(row.id), () => stopped.abort());
      const prepared = await prepare(context, kind, row, AbortSignal.any([signal, stopped.signal])).finally(off);
      if (prepared === null) return;
      if (prepared.kind !== 'submit') return applyAnswer(context, kind, row, prepared);
      // A process that is stopping may not live to receive the answer.
      signal.throwIfAborted();
      const intent = await advanceJob(context, kind, row.id, prepared);
      if (!intent?.changed) return;
      const answer = await post(context, kind, row, prepared);
      kind.countSubmission(context, answer.kind);
      await keepAnswer(context, kind, row, { ...answer, submissionId: prepared.submissionId });
    },
    // Only steps before the POST throw errors of the database.
    async giveUp(context, data) {
      const reason = 'The database rejects the input of the submission.';
      await advanceJob(context, kind, idIn(kind, data), unprepared(kind.failures, reason));
    },
  });
}

/** Tries to record fal's answer; the gaps between them grow to half a minute in all. */
const answerTries = 11;

// fal gives its answer once, so temporary failures of the database are retried.
async function keepAnswer<Row extends JobRow>(
  context: Context,
  kind: JobKind<Row>,
  row: Row,
  answer: Answer,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await applyAnswer(context, kind, row, answer);
    } catch (error) {
      const told = { ...idOf(kind, row.id), answer: answer.kind, fal_request_id: requestIdOf(answer) };
      context.log.error({ err: error, ...told }, 'the answer of fal to a submission could not be stored');
      if (isDeterministic(error)) return applyAnswer(context, kind, row, bareSignal(kind, row, answer));
      if (tries === answerTries) throw error;
      await delay(Math.min(100 * 2 ** tries, 5000));
    }
  }
}

function requestIdOf(answer: Signal): string | null {
  return answer.kind === 'accepted' ? answer.falRequestId : null;
}

// The answer also moves the circuit; both are written in one transaction.
async function applyAnswer<Row extends JobRow>(
  context: Context,
  kind: JobKind<Row>,
  row: Row,
  answer: Signal,
): Promise<void> {
  const { blockedRetryMs } = context.config.training;
  const advance = await transact(context, async (tx) => {
    const [advanced] = await advanceIn(tx, context, kind, [{ id: row.id, signal: answer }]);
    if (answer.kind === 'accepted') await noteAdmission(tx, kind);
    // An unavailable object store says nothing about fal.
    if (answer.kind === 'blocked' && answer.reason !== 'storage-unavailable') {
      // Before the POST fal was certainly unreachable, and only the upload has to be repeated.
      const isAway = answer.reason === 'provider-unavailable' && answer.from === 'preparing';
      await noteRefusal(tx, kind, answer.reason, isAway ? outageGapMs(blockedRetryMs) : blockedRetryMs);
    }
    if (answer.kind === 'submit_unknown') await noteRefusal(tx, kind, 'provider-unavailable', blockedRetryMs);
    // The circuit may have changed for the other jobs.
    tx.wake(topics.dispatch);
    return advanced;
  });
  if (advance?.changed) logAdvance(context, kind, advance, answer);
  const falRequestId = requestIdOf(answer);
  if (falRequestId !== null && advance?.row.fal_request_id !== falRequestId) {
    const fields = { ...idOf(kind, row.id), fal_request_id: falRequestId };
    context.log.error(fields, 'fal accepted a submission that was settled otherwise: its job is not tracked');
  }
}

/** @returns null when the job has ended or moved on meanwhile */
async function prepare<Row extends JobRow>(
  context: Context,
  kind: JobKind<Row>,
  row: Row,
  signal: AbortSignal,
): Promise<SignalOf<'submit' | 'blocked' | 'give_up'> | null> {
  try {
    const prepared = await kind.prepare(context, row, signal);
    return prepared && intentOf(context, kind, prepared);
  } catch (error) {
    const isOver = signal.aborted && (await kind.store.find(context.db, row.id))?.status !== 'preparing';
    return isOver ? null : signalOfUpload(kind, error);
  }
}

function intentOf({ config }: Pick<Context, 'config'>, kind: JobKind, prepared: Prepared): SignalOf<'submit'> {
  const { pollFirstMs, outputExpirySeconds } = kind.timing(config);
  return {
    kind: 'submit',
    ...prepared,
    // Without the token, since this URL is stored and shown.
    webhookUrl: `${config.publicUrl}/webhooks/fal`,
    settleAt: new Date(Date.now() + config.fal.timeoutMs + pollFirstMs),
    // fal counts from the end of the job, which is later.
    outputExpiresAt: new Date(Date.now() + outputExpirySeconds * 1000),
  };
}

async function post(context: Context, kind: JobKind, row: JobRow, intent: SignalOf<'submit'>): Promise<Answer> {
  const { config, fal, installation } = context;
  const { startTimeoutSeconds, outputExpirySeconds } = kind.timing(config);
  const token = jobToken(installation.secret, { kind: kind.name, jobId: row.id, submissionId: intent.submissionId });
  const outcome = await fal.submit(row.endpoint, intent.falInput, {
    webhookUrl: `${intent.webhookUrl}?t=${token}`,
    startTimeoutSeconds,
    outputExpirySeconds,
  });
  return signalOfSubmit(kind, outcome);
}

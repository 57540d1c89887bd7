import type { Context } from '../context.ts';
import { parseWebhookBody, type WebhookBody } from '../fal/webhook-body.ts';
import { transact, type Tx, type Unit } from '../platform/db/transact.ts';
import { advanceIn } from './advance.ts';
import { advanceByAnswerIn } from './bare-signal.ts';
import { signalOfWebhook } from './fal-signals.ts';
import type { JobKind, JobRow } from './kind.ts';

/**
 * The result of applying a webhook.
 * - `applied`: the job advanced.
 * - `repeated`: the job had the information already, or had ended.
 * - `deferred`: the webhook lacks the result, so fal is polled.
 * - `mismatched`: token and request id belong to different jobs; nothing was changed.
 * - `orphaned`: the job does not exist any more.
 * - `quarantined`: unreadable, or cannot be stored, even after retries.
 */
export type WebhookOutcome = 'applied' | 'repeated' | 'deferred' | 'mismatched' | 'orphaned' | 'quarantined';

export type SignedWebhook = { jobId: string; submissionId: string; body: Buffer };

/** Applies a webhook to its job in the caller's unit of work. @throws errors of the database */
export async function applyWebhook<Row extends JobRow>(
  tx: Tx,
  context: Pick<Context, 'config' | 'jobs' | 'log'>,
  kind: JobKind<Row>,
  webhook: SignedWebhook,
): Promise<{ outcome: WebhookOutcome; detail: string | null }> {
  const body = parseWebhookBody(webhook.body);
  if (body.kind === 'unreadable') return { outcome: 'quarantined', detail: body.reason };
  const row = await kind.store.find(tx, webhook.jobId);
  if (!row) return { outcome: 'orphaned', detail: null };
  const mismatch = mismatchOf(kind, row, webhook.submissionId, body.falRequestId);
  if (mismatch) return { outcome: 'mismatched', detail: mismatch };
  const signal = signalOfWebhook(kind, row, body);
  if (!signal && isKnown(row)) return { outcome: 'repeated', detail: null };
  if (!signal) return defer(tx, context, kind, row, body);
  const advance = await advanceByAnswerIn(tx, context, kind, row, signal);
  return { outcome: advance?.changed ? 'applied' : 'repeated', detail: null };
}

/** Schedules an early poll in place of a webhook that cannot be applied. */
export async function askInstead<Row extends JobRow>(context: Unit, kind: JobKind<Row>, id: string): Promise<void> {
  await transact(context, async (tx) => {
    const row = await kind.store.find(tx, id);
    if (!row || isKnown(row)) return;
    await kind.store.setNextCheck(tx, id, new Date());
    tx.wake(kind.topics.checks);
  });
}

function mismatchOf({ name }: JobKind, row: JobRow, submissionId: string, falRequestId: string): string | null {
  if (row.submission_id !== submissionId) return `The token is of another submission of the ${name}.`;
  if (row.fal_request_id === null || row.fal_request_id === falRequestId) return null;
  return `The ${name}'s request is ${row.fal_request_id}.`;
}

// Nothing is stored for a job whose avatar was deleted.
function isKnown({ result, late_result, avatar_id }: JobRow): boolean {
  return result !== null || late_result !== null || avatar_id === null;
}

// The queue has the result that the webhook could not carry (fal contract §2.1).
async function defer<Row extends JobRow>(
  tx: Tx,
  context: Pick<Context, 'config' | 'jobs'>,
  kind: JobKind<Row>,
  row: Row,
  body: Exclude<WebhookBody, { kind: 'unreadable' }>,
): Promise<{ outcome: WebhookOutcome; detail: string | null }> {
  const { falRequestId, gatewayRequestId } = body;
  await advanceIn(tx, context, kind, [{ id: row.id, signal: { kind: 'accepted', falRequestId, gatewayRequestId } }]);
  await kind.store.setNextCheck(tx, row.id, new Date());
  tx.wake(kind.topics.checks);
  return { outcome: 'deferred', detail: body.kind === 'payload_error' ? body.message : null };
}

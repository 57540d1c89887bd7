import { withoutAddresses } from './addresses.ts';
import { failureFromWebhook } from './failure.ts';
import { isTooDeep, parseLossless, storableJson, storableText, storableValue } from './lossless-json.ts';
import type { FalFailure } from './outcomes.ts';
import { isRecord, parseJson, requestIdOrNull, textOrNull } from './shapes.ts';

type Envelope = {
  falRequestId: string;
  /** Differs from the request id once fal has rerun the job (fal contract §2.1). */
  gatewayRequestId: string | null;
};

/**
 * What a webhook says (fal contract §2.1).
 *
 * - `ok`: `payloadText` is the result as JSON that PostgreSQL takes, with every digit of a uint64; `payload` is the same
 *   through JSON.parse.
 * - `error`: the job failed.
 * - `payload_error`: fal could not put the result into the webhook; the queue has it and decides, not this message.
 * - `unreadable`: no webhook of the contract; nothing can be learned from it.
 */
export type WebhookBody =
  | (Envelope & { kind: 'ok'; payload: unknown; payloadText: string })
  | (Envelope & { kind: 'error'; failure: FalFailure })
  | (Envelope & { kind: 'payload_error'; message: string })
  | { kind: 'unreadable'; reason: string; falRequestId: string | null };

export function parseWebhookBody(raw: Uint8Array | string): WebhookBody {
  const text = textOf(raw);
  const body = parseJson(text);
  if (!isRecord(body)) return { kind: 'unreadable', reason: 'The body is not a JSON object.', falRequestId: null };
  const falRequestId = textOrNull(body['request_id']);
  if (falRequestId === null) return { kind: 'unreadable', reason: 'The body has no request_id.', falRequestId };
  // Not a result by the contract: the queue is polled about the job.
  if (isTooDeep(body)) return { kind: 'unreadable', reason: 'The body is nested too deeply.', falRequestId };
  return readEnvelope(body, falRequestId, text);
}

/** Extracts only the request id of a raw body, cheaper than parsing all of it. Null when there is none. */
export function readFalRequestId(raw: Uint8Array | string): string | null {
  const body = parseJson(textOf(raw));
  return isRecord(body) ? textOrNull(body['request_id']) : null;
}

function textOf(raw: Uint8Array | string): string {
  return typeof raw === 'string' ? raw : Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString('utf8');
}

function readEnvelope(body: Record<string, unknown>, falRequestId: string, text: string): WebhookBody {
  const envelope = { falRequestId, gatewayRequestId: requestIdOrNull(body['gateway_request_id']) };
  const payloadError = body['payload_error'];
  if (payloadError !== undefined && payloadError !== null) {
    return {
      ...envelope,
      kind: 'payload_error',
      message: withoutAddresses(storableText(textOrNull(payloadError) ?? 'fal gave no reason.')),
    };
  }
  const error = textOrNull(body['error']);
  if (body['status'] === 'ERROR') {
    return { ...envelope, kind: 'error', failure: failureFromWebhook(falRequestId, error, body['payload']) };
  }
  if (body['status'] !== 'OK' || error !== null) {
    return { kind: 'unreadable', reason: 'The body is neither OK nor ERROR.', falRequestId };
  }
  const lossless = parseLossless(text);
  const payload = isRecord(lossless) ? (lossless['payload'] ?? null) : null;
  return {
    ...envelope,
    kind: 'ok',
    payload: storableValue(body['payload'] ?? null),
    payloadText: storableJson(payload),
  };
}

/** Whether signed id and body name one job: a body of another job must not pass. */
export function isSignedRequest(signedRequestId: string, body: { falRequestId: string | null }): boolean {
  return body.falRequestId === signedRequestId;
}

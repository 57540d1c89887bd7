import { withoutAddresses } from './addresses.ts';
import { billableUnitsIn, failureFromAnswer } from './failure.ts';
import type { Answer, Exchange } from './fetch.ts';
import { parseLossless, storableJson, storableText, storableValue } from './lossless-json.ts';
import type { CancelOutcome, FalLogLine, ResultOutcome, StatusOutcome, SubmitOutcome } from './outcomes.ts';
import { isRecord, isRequestId, numberOrNull, parseJson, requestIdOrNull, textOrNull } from './shapes.ts';

/** Characters that are kept of a log line, and of its level and source. */
const maxLineLength = 10_000;
const maxWordLength = 64;

/**
 * Classifies the answer to a submission (fal contract §5.4): only an answer which says that nothing was queued is a
 * refusal. 408 and 499 report a broken connection, so the job may exist.
 */
export function sortSubmit(exchange: Exchange): SubmitOutcome {
  if (exchange.kind === 'broken') return { kind: 'unknown', reason: exchange.reason, sent: exchange.sent };
  const { status, text } = exchange;
  const body = parseJson(text);
  if (isSuccess(status)) {
    if (!isRecord(body) || !isRequestId(body['request_id']))
      return unknown(`fal answered ${status} without a request id.`);
    const gatewayRequestId = requestIdOrNull(body['gateway_request_id']);
    return { kind: 'accepted', falRequestId: body['request_id'], gatewayRequestId, raw: text };
  }
  const isClear = status >= 400 && status <= 499 && status !== 408 && status !== 499;
  const saysWhy = status === 500 && isRecord(body) && hasDetail(body);
  if (isClear || saysWhy) return { kind: 'refused', failure: failureFromAnswer(exchange) };
  return unknown(`fal answered ${status}, which does not say whether the job exists.`);
}

/** Classifies the answer to a status request. A failed job is COMPLETED with an `error` (fal contract §0, §1.3). */
export function sortStatus(exchange: Exchange): StatusOutcome {
  if (exchange.kind === 'broken') return { kind: 'unavailable', reason: exchange.reason };
  const { status, text } = exchange;
  if (isSuccess(status)) return readStatus(parseJson(text));
  if (status === 404) return { kind: 'not_found' };
  if (isRefusal(status)) return { kind: 'refused', failure: failureFromAnswer(exchange) };
  return { kind: 'unavailable', reason: `fal answered ${status}.` };
}

function readStatus(body: unknown): StatusOutcome {
  if (!isRecord(body)) return { kind: 'unavailable', reason: 'fal answered with something that is no status.' };
  const logs = readLogs(body['logs']);
  if (body['status'] === 'IN_QUEUE') return { kind: 'in_queue', position: numberOrNull(body['queue_position']) };
  if (body['status'] === 'IN_PROGRESS') return { kind: 'in_progress', logs };
  if (body['status'] !== 'COMPLETED') return { kind: 'unavailable', reason: 'fal answered with an unknown status.' };
  const errorType = textOrNull(body['error_type']);
  const error = isRecord(body['error']) ? JSON.stringify(body['error']) : (textOrNull(body['error']) ?? errorType);
  if (error !== null) return { kind: 'failed', logs, error: presentable(error, maxLineLength), errorType };
  const metrics = body['metrics'];
  return { kind: 'completed', logs, inferenceTime: isRecord(metrics) ? numberOrNull(metrics['inference_time']) : null };
}

/**
 * Classifies the answer to a request for a result, which relays the job's own status and body (fal contract §1.5).
 * Errors of fal's gateway use the same statuses and must not end a job, so an answer is the job's failure only with
 * typed details, an error type, or a 500 with `detail`.
 */
export function sortResult(exchange: Exchange): ResultOutcome {
  if (exchange.kind === 'broken') return { kind: 'unavailable', reason: exchange.reason, failure: null };
  const { status } = exchange;
  if (isSuccess(status)) return readResult(exchange);
  const failure = failureFromAnswer(exchange);
  if (isJobFailure(exchange, failure.types.length > 0, failure.errorType !== null)) return { kind: 'failed', failure };
  if (status === 400) return { kind: 'not_ready' };
  if (status === 404 || status === 410) return { kind: 'gone' };
  return {
    kind: 'unavailable',
    reason: `fal answered ${status}.`,
    failure: failure.account === null ? null : failure,
  };
}

function isJobFailure({ status, text }: Answer, hasTypes: boolean, hasErrorType: boolean): boolean {
  if (hasTypes || status === 422 || status === 499) return true;
  if (status === 401 || status === 403 || status === 408 || status === 429 || status < 400) return false;
  const body = parseJson(text);
  return hasErrorType || (status === 500 && isRecord(body) && hasDetail(body));
}

function readResult({ status, headers, text }: Answer): ResultOutcome {
  const data = parseJson(text);
  if (data === undefined) {
    return { kind: 'unavailable', reason: `fal answered ${status} with something that is not JSON.`, failure: null };
  }
  if (isRecord(data) && (data['status'] === 'IN_QUEUE' || data['status'] === 'IN_PROGRESS'))
    return { kind: 'not_ready' };
  return {
    kind: 'ok',
    data: storableValue(data),
    raw: storableJson(parseLossless(text)),
    billableUnits: billableUnitsIn(headers),
  };
}

/** Classifies the answer to a cancellation (fal contract §1.6). */
export function sortCancel(exchange: Exchange): CancelOutcome {
  if (exchange.kind === 'broken') return { kind: 'unavailable', reason: exchange.reason };
  const { status, text } = exchange;
  const body = parseJson(text);
  if (isRecord(body) && body['status'] === 'ALREADY_COMPLETED') return { kind: 'already_completed' };
  if (isSuccess(status)) return { kind: 'requested' };
  if (status === 404) return { kind: 'not_found' };
  if (isRefusal(status)) return { kind: 'refused', failure: failureFromAnswer(exchange) };
  return { kind: 'unavailable', reason: `fal answered ${status}.` };
}

function readLogs(logs: unknown): FalLogLine[] {
  if (!Array.isArray(logs)) return [];
  return logs.flatMap((entry: unknown) => {
    if (!isRecord(entry) || typeof entry['message'] !== 'string') return [];
    const { timestamp, level, source } = entry;
    const message = presentable(entry['message'], maxLineLength);
    return [{ message, timestamp: wordOrNull(timestamp), level: wordOrNull(level), source: wordOrNull(source) }];
  });
}

function wordOrNull(value: unknown): string | null {
  return textOrNull(value) && presentable(String(value), maxWordLength);
}

function presentable(text: string, maxLength: number): string {
  return storableText(withoutAddresses(text).slice(0, maxLength));
}

function unknown(reason: string): SubmitOutcome {
  return { kind: 'unknown', reason, sent: true };
}

function hasDetail(body: Record<string, unknown>): boolean {
  return body['detail'] !== undefined && body['detail'] !== null && body['detail'] !== '';
}

function isSuccess(status: number): boolean {
  return status >= 200 && status <= 299;
}

// 408 invites a retry, like the 5xx.
function isRefusal(status: number): boolean {
  return status >= 400 && status <= 499 && status !== 408;
}

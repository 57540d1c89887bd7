import { valueWithoutAddresses, withoutAddresses } from './addresses.ts';
import type { Answer } from './fetch.ts';
import { storableText, storableValue } from './lossless-json.ts';
import type { AccountTrouble, FalFailure } from './outcomes.ts';
import { isRecord, numberOrNull, parseJson, requestIdOrNull, textOrNull } from './shapes.ts';

const maxMessageLength = 2000;

/**
 * Parses fal's refusal in an HTTP answer of any shape (fal contract §1.7): a list of details, a text, an infrastructure
 * error, the Platform API's `error` object, or no JSON at all. Never throws.
 */
export function failureFromAnswer(answer: Answer): FalFailure {
  const { status, headers, text } = answer;
  const body = parseJson(text);
  const types = detailTypes(body);
  const message = messageOf(body) ?? `fal answered ${status}.`;
  const bodyId = isRecord(body) ? requestIdOrNull(body['request_id']) : null;
  return {
    status,
    errorType: errorTypeOf(body) ?? headers['x-fal-error-type'] ?? timeoutType(headers),
    types,
    message,
    detail: valueWithoutAddresses(
      body === undefined ? storableText(text.slice(0, maxMessageLength)) : storableValue(body),
    ),
    account: types.length > 0 ? null : accountTrouble(status, message),
    retryable: flag(headers['x-fal-retryable'] ?? headers['x-fal-needs-retry']),
    billableUnits: billableUnitsIn(headers),
    falRequestId: requestIdOrNull(headers['x-fal-request-id']) ?? bodyId,
  };
}

/** @returns what an answer says that fal bills (fal contract §1.7); null when it says nothing */
export function billableUnitsIn(headers: Answer['headers']): number | null {
  return numberOrNull(Number.parseFloat(headers['x-fal-billable-units'] ?? ''));
}

/**
 * Parses a job's failure in a webhook, where the status is in the text `Invalid status code: 422` (fal contract §2.1).
 * It never concerns our account.
 */
export function failureFromWebhook(falRequestId: string, error: string | null, payload: unknown): FalFailure {
  const status = /status code:? (\d{3})\b/i.exec(error ?? '')?.[1];
  return {
    status: status === undefined ? null : Number(status),
    errorType: errorTypeOf(payload),
    types: detailTypes(payload),
    message: messageOf(payload) ?? messageOf(error) ?? 'fal gave no reason.',
    detail: valueWithoutAddresses(storableValue(payload ?? error)),
    account: null,
    retryable: null,
    billableUnits: null,
    falRequestId,
  };
}

export function failureBeforeSending(message: string): FalFailure {
  const none = { status: null, errorType: null, detail: null, account: null };
  return { ...none, types: [], message, retryable: null, billableUnits: null, falRequestId: null };
}

function accountTrouble(status: number, message: string): AccountTrouble | null {
  if (status === 401) return 'unauthorized';
  if (status === 429) return 'rate_limited';
  if (status !== 402 && status !== 403) return null;
  if (status === 402 || /exhausted balance|top up/i.test(message)) return 'exhausted_balance';
  return /\blocked\b/i.test(message) ? 'locked' : 'unauthorized';
}

function errorTypeOf(body: unknown): string | null {
  if (!isRecord(body)) return null;
  const nested = isRecord(body['error']) ? textOrNull(body['error']['type']) : null;
  return textOrNull(body['error_type']) ?? nested;
}

// A job that waited too long is answered 504 with this header, not always with an error type.
function timeoutType(headers: Answer['headers']): string | null {
  return headers['x-fal-request-timeout-type'] === 'user' ? 'request_timeout' : null;
}

function detailTypes(body: unknown): string[] {
  if (!isRecord(body) || !Array.isArray(body['detail'])) return [];
  return body['detail'].flatMap((entry: unknown) => (isRecord(entry) ? (textOrNull(entry['type']) ?? []) : []));
}

function messageOf(body: unknown): string | null {
  if (typeof body === 'string') return presentable(body);
  if (!isRecord(body)) return null;
  const { detail, error, message } = body;
  if (Array.isArray(detail)) return presentable(detail.flatMap(detailLine).join('; '));
  if (isRecord(error)) return messageOf(error['message']);
  return messageOf([detail, message, error].find((value) => textOrNull(value) !== null) ?? '');
}

function detailLine(entry: unknown): string[] {
  if (!isRecord(entry)) return typeof entry === 'string' ? [entry] : [];
  const text = textOrNull(entry['msg']) ?? textOrNull(entry['type']);
  if (text === null) return [];
  const path = Array.isArray(entry['loc']) ? entry['loc'].filter((part) => part !== 'body').join('.') : '';
  return [path === '' ? text : `${path}: ${text}`];
}

function presentable(text: string): string | null {
  const line = withoutAddresses(storableText(text)).replace(/\s+/g, ' ').trim();
  return line === '' ? null : line.slice(0, maxMessageLength);
}

function flag(value: string | undefined): boolean | null {
  if (value === undefined) return null;
  if (/^(1|true|yes)$/i.test(value)) return true;
  return /^(0|false|no)$/i.test(value) ? false : null;
}

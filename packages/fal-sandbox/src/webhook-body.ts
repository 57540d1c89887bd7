import { randomUUID } from 'node:crypto';
import type { FaultRule } from './faults.ts';
import type { Job } from './job.ts';
import type { Json } from './json.ts';
import { pythonJson } from './python-json.ts';

/** The body of a job's webhook, shaped by its faults (fal contract §2.1). */
export function webhookBody(job: Job, rules: readonly FaultRule[]): string {
  const struck = new Set(rules.map(({ fault }) => fault));
  const status = job.outcome?.status ?? 200;
  const good = status < 400;
  const envelope: Record<string, Json> = {
    error: good ? null : `Invalid status code: ${status}`,
    gateway_request_id: struck.has('changed_gateway_request_id') ? randomUUID() : job.gatewayId,
    payload: job.outcome?.body ?? null,
    request_id: struck.has('other_request_id') ? randomUUID() : job.id,
    status: good ? 'OK' : 'ERROR',
  };
  if (struck.has('payload_error')) Object.assign(envelope, { payload: null, payload_error: notSerializable });
  if (struck.has('payload_error_with_status')) {
    const error = 'Invalid status code: 404';
    Object.assign(envelope, { error, status: 'ERROR', payload: null, payload_error: notSerializable });
  }
  return pythonJson(envelope);
}

/** An ERROR for a successful job, for receivers that must detect contradictions. */
export function contradictingBody(job: Job): string {
  return pythonJson({
    error: 'Invalid status code: 500',
    gateway_request_id: randomUUID(),
    payload: { detail: 'Internal Server Error' },
    request_id: job.id,
    status: 'ERROR',
  });
}

const notSerializable =
  'Response payload is not JSON serializable. Either return a JSON serializable object or use the queue endpoint to retrieve the response.';

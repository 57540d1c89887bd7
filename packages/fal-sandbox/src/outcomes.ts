import type { Json, JsonObject } from './json.ts';
import type { Outcome } from './job.ts';

/** One entry of a model's error detail (fal contract §1.7). */
export interface ErrorDetail {
  loc: readonly (string | number)[];
  msg: string;
  type: string;
  ctx?: JsonObject;
  input?: Json;
  /** What a content checker objects to. */
  categories?: readonly string[];
}

/** Thrown in a run that fal's runner would refuse; the run ends with this answer. */
export class Refusal extends Error {
  override name = 'Refusal' as const;
  readonly details: readonly ErrorDetail[];

  constructor(details: readonly ErrorDetail[]) {
    super(details.map(({ msg }) => msg).join('; '));
    this.details = details;
  }
}

/** Infrastructure errors by type, with their HTTP status (fal contract §1.7). */
const infrastructureStatus: Record<string, number> = {
  request_timeout: 504,
  startup_timeout: 504,
  generation_timeout: 504,
  runner_scheduling_failure: 503,
  runner_connection_timeout: 503,
  runner_disconnected: 503,
  runner_connection_refused: 503,
  runner_connection_error: 503,
  runner_incomplete_response: 502,
  runner_server_error: 500,
  internal_error: 500,
  client_disconnected: 499,
  client_cancelled: 499,
  bad_request: 400,
};

/** The outcome of a run that ended well; `units` are what fal bills: steps, or megapixels. */
export function successOutcome(body: Json, units: number): Outcome {
  return { status: 200, body, headers: { 'x-fal-billable-units': String(units) }, error: null, error_type: null };
}

/** An error of the model: `{"detail": [...]}` or `{"detail": "text"}`. */
export function modelErrorOutcome(status: number, detail: readonly ErrorDetail[] | string): Outcome {
  const first = typeof detail === 'string' ? null : detail[0];
  const listed = typeof detail === 'string' ? detail : detail.map(describe);
  return {
    status,
    body: { detail: listed },
    headers: { 'x-fal-billable-units': '0', 'x-fal-retryable': 'false' },
    error: first?.msg ?? (typeof detail === 'string' ? detail : 'Unknown error'),
    error_type: first?.type ?? null,
  };
}

/** An error of fal's infrastructure: `{"detail": "text", "error_type": "…"}`, with the header for the type. */
export function infrastructureOutcome(errorType: string, text: string, status?: number): Outcome {
  const code = status ?? infrastructureStatus[errorType] ?? 500;
  const headers: Record<string, string> = { 'x-fal-error-type': errorType, 'x-fal-billable-units': '0' };
  if (code >= 500) headers['x-fal-retryable'] = 'true';
  return { status: code, body: { detail: text, error_type: errorType }, headers, error: text, error_type: errorType };
}

function describe({ loc, msg, type, ctx, input, categories }: ErrorDetail): Json {
  const url = `https://docs.fal.ai/errors#${type}`;
  const rest = { ...(ctx && { ctx }), ...(input !== undefined && { input }), ...(categories && { categories }) };
  return { loc: [...loc], msg, type, url, ...rest };
}

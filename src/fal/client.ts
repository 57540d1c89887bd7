import type { CancelOutcome, FoundRequests, ResultOutcome, StatusOutcome, SubmitOutcome } from './outcomes.ts';
import type { SigningKey } from './signature.ts';

/** The two calls of a pino logger that this folder makes. Neither is ever given a key, a token or a query string. */
export type FalLog = { debug(fields: object, message: string): void; warn(fields: object, message: string): void };

export type FalOptions = {
  mode: 'live' | 'sandbox';
  /** `key_id:key_secret`. */
  key: string;
  /** Every `https://HOST/PATH` becomes `baseUrl/HOST/PATH`; null for fal itself. */
  baseUrl: string | null;
  log?: FalLog;
  /** Bound of one call to the API, answer read whole: 30,000 when not given. Uploads and downloads have their own. */
  timeoutMs?: number;
};

export type FileToUpload = { path: string; name: string; contentType: string; expiresInSeconds: number };

export type SubmitOptions = {
  webhookUrl: string;
  /** Seconds the job may wait in fal's queue before it starts; more than 1. */
  startTimeoutSeconds: number;
  tags?: Record<string, string>;
  signal?: AbortSignal;
};

export type DownloadTarget = { path: string; maxBytes: number; resume?: boolean };

export type Downloaded = { size: number; sha256: string; contentType: string | null };

/** All that the service ever asks of fal. */
export type Fal = {
  readonly mode: 'live' | 'sandbox';
  upload(file: FileToUpload, signal?: AbortSignal): Promise<{ url: string }>;
  submit(endpoint: string, input: Record<string, unknown>, options: SubmitOptions): Promise<SubmitOutcome>;
  status(endpoint: string, requestId: string, signal?: AbortSignal): Promise<StatusOutcome>;
  result(endpoint: string, requestId: string, signal?: AbortSignal): Promise<ResultOutcome>;
  cancel(endpoint: string, requestId: string, signal?: AbortSignal): Promise<CancelOutcome>;
  findRequests(
    endpoint: string,
    query: { start: Date; end?: Date; cursor?: string },
    signal?: AbortSignal,
  ): Promise<FoundRequests>;
  fetchSigningKeys(signal?: AbortSignal): Promise<SigningKey[]>;
  download(url: string, to: DownloadTarget, signal?: AbortSignal): Promise<Downloaded>;
};

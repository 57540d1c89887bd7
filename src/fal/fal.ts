import type {
  CancelOutcome,
  FoundRequests,
  RequestQuery,
  ResultOutcome,
  StatusOutcome,
  SubmitOutcome,
} from './outcomes.ts';
import type { SigningKey } from './signature.ts';

/** The part of a pino logger that this folder calls, never with a key, token or query string. */
export type FalLog = { debug(fields: object, message: string): void; warn(fields: object, message: string): void };

export type FileToUpload = { path: string; name: string; contentType: string; expiresInSeconds: number };

export type SubmitOptions = {
  webhookUrl: string;
  /** Seconds the job may wait in fal's queue before it starts; more than 1. */
  startTimeoutSeconds: number;
  /** Seconds for which fal is to keep the files of the result (fal contract §3.3). */
  outputExpirySeconds?: number;
  tags?: Record<string, string>;
  signal?: AbortSignal;
};

export type DownloadTarget = { path: string; maxBytes: number; resume?: boolean };

export type Downloaded = { size: number; sha256: string; contentType: string | null };

/** Everything that the service asks of fal. Nothing here retries: that is the caller's decision. */
export type Fal = {
  readonly mode: 'live' | 'sandbox';
  /** Streams a file to fal's storage. Throws FalError. */
  upload(file: FileToUpload, signal?: AbortSignal): Promise<{ url: string }>;
  /** Makes exactly one POST, or none when the outcome is `refused` with status null. Never throws. */
  submit(endpoint: string, input: Record<string, unknown>, options: SubmitOptions): Promise<SubmitOutcome>;
  /** Status and the whole log. Never throws. */
  status(endpoint: string, falRequestId: string, signal?: AbortSignal): Promise<StatusOutcome>;
  /** Never throws. */
  result(endpoint: string, falRequestId: string, signal?: AbortSignal): Promise<ResultOutcome>;
  /** Never throws. */
  cancel(endpoint: string, falRequestId: string, signal?: AbortSignal): Promise<CancelOutcome>;
  /** Searches fal's records by endpoint and time, 100 to a page. Throws FalError. */
  findRequests(endpoint: string, query: RequestQuery, signal?: AbortSignal): Promise<FoundRequests>;
  /** Never an empty list. Throws FalError. */
  fetchSigningKeys(signal?: AbortSignal): Promise<SigningKey[]>;
  /** Throws FalError. */
  download(url: string, to: DownloadTarget, signal?: AbortSignal): Promise<Downloaded>;
};

import type {
  CancelOutcome,
  FoundRequests,
  RequestQuery,
  ResultOutcome,
  StatusOutcome,
  SubmitOutcome,
} from './outcomes.ts';
import type { SigningKey } from './signature.ts';

/** The two calls of a pino logger that this folder makes. Neither is ever given a key, a token or a query string. */
export type FalLog = { debug(fields: object, message: string): void; warn(fields: object, message: string): void };

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

/** All that the service ever asks of fal. Nothing here repeats a request: when to ask again is the caller's to say. */
export type Fal = {
  readonly mode: 'live' | 'sandbox';
  /** Streams a file to fal's storage. Throws FalError. */
  upload(file: FileToUpload, signal?: AbortSignal): Promise<{ url: string }>;
  /** Makes exactly one POST, or none when the outcome is `refused` with status null. Never throws. */
  submit(endpoint: string, input: Record<string, unknown>, options: SubmitOptions): Promise<SubmitOutcome>;
  /** Asks for status and the whole log. Never throws. */
  status(endpoint: string, falRequestId: string, signal?: AbortSignal): Promise<StatusOutcome>;
  /** Asks for the result. Never throws. */
  result(endpoint: string, falRequestId: string, signal?: AbortSignal): Promise<ResultOutcome>;
  /** Asks fal to stop a job. Never throws. */
  cancel(endpoint: string, falRequestId: string, signal?: AbortSignal): Promise<CancelOutcome>;
  /** Searches fal's records by endpoint and time, 100 to a page. Throws FalError. */
  findRequests(endpoint: string, query: RequestQuery, signal?: AbortSignal): Promise<FoundRequests>;
  /** Fetches fal's signing keys; never an empty list. Throws FalError. */
  fetchSigningKeys(signal?: AbortSignal): Promise<SigningKey[]>;
  /** Fetches a file that fal made. Throws FalError. */
  download(url: string, to: DownloadTarget, signal?: AbortSignal): Promise<Downloaded>;
};

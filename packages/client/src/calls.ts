import type { MaybeOptionalInit } from 'openapi-fetch';
import type { paths } from './api.ts';

/* The types of a call: what it takes by its path and method, and what it gives. */

export type HttpMethod = 'get' | 'put' | 'post' | 'delete' | 'patch';

/** The paths that have a method. */
export type PathsWith<M extends HttpMethod> = {
  [Path in keyof paths]: paths[Path] extends Record<M, object> ? Path : never;
}[keyof paths];

/** What the service answers to a call; undefined where it answers nothing. */
export type DataOf<Path extends keyof paths, M extends HttpMethod> = paths[Path][M] extends { responses: infer Answers }
  ? {
      [Status in keyof Answers]: Answers[Status] extends { content: infer Content extends object }
        ? Content[keyof Content]
        : undefined;
    }[keyof Answers]
  : never;

type Parsed<Init, Data> = Init extends { parseAs: infer As }
  ? As extends 'stream'
    ? ReadableStream<Uint8Array>
    : As extends 'blob'
      ? Blob
      : As extends 'arrayBuffer'
        ? ArrayBuffer
        : As extends 'text'
          ? string
          : Data
  : Data;

/** What one call may have of its own, beside what fetch takes. */
export type CallOptions = {
  /** How often it is sent again when it failed for a reason that passes. */
  retries?: number;
  /** How long one answer may take. */
  timeoutMs?: number;
};

type Rest<Init> = undefined extends Init ? [init?: Init & CallOptions] : [init: Init & CallOptions];

/**
 * Makes a request. `init` holds `params` (`path`, `query`, `header`), `body`, `signal` and what else fetch takes;
 * `parseAs` (`stream`, `blob`, `arrayBuffer`, `text`) for answers that are files.
 * @returns the answer's `data`, and the `response` with its headers
 * @throws ProblemError when the service answers with a problem, ConnectionError when no whole answer comes, the signal's
 * reason when it is aborted
 */
export type Call<M extends HttpMethod> = <Path extends PathsWith<M>, Init extends MaybeOptionalInit<paths[Path], M>>(
  path: Path,
  ...rest: Rest<Init>
) => Promise<{ data: Parsed<Init, DataOf<Path, M>>; response: Response }>;

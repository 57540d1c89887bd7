import type { MaybeOptionalInit } from 'openapi-fetch';
import type { paths } from './api.ts';

/* Types of calls, derived from path and method. */

export type HttpMethod = 'get' | 'put' | 'post' | 'delete' | 'patch';

export type PathsWith<M extends HttpMethod> = {
  [Path in keyof paths]: paths[Path] extends Record<M, object> ? Path : never;
}[keyof paths];

/** The body of a successful response; undefined where there is none. */
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

export type CallOptions = {
  /** Retries after temporary failures. */
  retries?: number;
  /** Milliseconds for one response. */
  timeoutMs?: number;
};

type Rest<Init> = undefined extends Init ? [init?: Init & CallOptions] : [init: Init & CallOptions];

/**
 * Sends a request. `init` holds `params` (`path`, `query`, `header`), `body`, `signal` and other options of fetch;
 * `parseAs` (`stream`, `blob`, `arrayBuffer`, `text`) is for responses that are files.
 * @returns `data`, and `response` with its headers
 * @throws ProblemError for a problem, ConnectionError when no complete response arrives, the signal's reason when it
 * aborts
 */
export type Call<M extends HttpMethod> = <Path extends PathsWith<M>, Init extends MaybeOptionalInit<paths[Path], M>>(
  path: Path,
  ...rest: Rest<Init>
) => Promise<{ data: Parsed<Init, DataOf<Path, M>>; response: Response }>;

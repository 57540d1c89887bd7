/** What the demo reads of the API's answers; the service's own types are not used here, as a client has none. */
export type AvatarJson = { id: string; status: string; photos_count: number } & Record<string, unknown>;
export type TrainingJson = {
  id: string;
  avatar_id: string;
  status: string;
  progress: number;
  step: number | null;
  total_steps: number | null;
  loss: number | null;
  blocked_reason: string | null;
  result_source: string | null;
  charged: string | null;
  error: { code: string; message: string } | null;
  artifacts: Record<'lora' | 'config', { size: number; sha256: string }> | null;
} & Record<string, unknown>;
export type PhotosJson = {
  accepted: { id: string }[];
  rejected: { filename: string | null; code: string; detail: string }[];
};
export type EventsJson = {
  data: { type: string; created_at: string; data: Record<string, unknown> }[];
  next_after: number;
};

/** An answer that was no success, with its problem document. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

type Problem = { status: number; code: string; detail: string } & Record<string, unknown>;

export type Api = {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: object | FormData): Promise<T>;
  /** @returns the answer itself, for files and metrics */
  open(path: string): Promise<Response>;
};

/** A client of the public HTTP API, as small as one can be: fetch, a key, and errors with the service's own words. */
export function createApi(baseUrl: string, key: string): Api {
  async function send(
    path: string,
    init: { method?: string; headers?: object; body?: string | FormData } = {},
  ): Promise<Response> {
    const headers = { authorization: `Bearer ${key}`, ...init.headers };
    const response = await fetch(`${baseUrl}${path}`, { ...init, headers });
    if (response.ok) return response;
    throw new ApiError((await response.json()) as Problem);
  }
  const json = async <T>(response: Response): Promise<T> => (await response.json()) as T;
  return {
    get: async (path) => json(await send(path)),
    post: async (path, body) => {
      if (body instanceof FormData) return json(await send(path, { method: 'POST', body }));
      const headers = { 'content-type': 'application/json' };
      return json(await send(path, { method: 'POST', headers, body: JSON.stringify(body) }));
    },
    open: (path) => send(path),
  };
}

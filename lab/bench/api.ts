/** Speaks JSON to the service with a key; throws on whatever isn't a success. */
export type Api = (
  method: 'GET' | 'POST',
  path: string,
  body?: Record<string, unknown> | FormData,
) => Promise<Record<string, unknown>>;

export function apiOf(url: string, key: string): Api {
  return async (method, path, body) => {
    const isForm = body instanceof FormData;
    const answer = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body !== undefined && !isForm && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${text}`);
    return JSON.parse(text);
  };
}

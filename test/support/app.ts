import { createKey } from '../../src/features/keys/create-key.ts';
import { type ServiceOptions, startService } from './service.ts';

type Answer = {
  status: number;
  headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- each test asserts what it reads of a body
  body: any;
};
type Call = {
  headers?: Record<string, string>;
  json?: unknown;
  body?: NonNullable<RequestInit['body']>;
  signal?: AbortSignal;
};

/** Starts the service (service.ts) with an admin key, and returns a JSON client for it over a real socket. */
export async function startApp(t: Parameters<typeof startService>[0], options: ServiceOptions = {}) {
  const service = await startService(t, options);
  const { key } = await createKey(service.app, { name: 'test', scopes: ['admin'] });

  async function call(method: string, path: string, { headers = {}, json, body, signal }: Call = {}): Promise<Answer> {
    const answer = await fetch(service.url + path, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(json !== undefined && { body: JSON.stringify(json) }),
      ...(body !== undefined && { body }),
      ...(signal && { signal }),
    });
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.includes('json');
    return { status: answer.status, headers: answer.headers, body: text && isJson ? JSON.parse(text) : text };
  }

  async function makeUser(fields: Record<string, unknown> = {}) {
    const { status, body } = await call('POST', '/v1/users', { json: { external_id: crypto.randomUUID(), ...fields } });
    if (status !== 201) throw new Error(`no user was made: ${JSON.stringify(body)}`);
    return body;
  }

  /** Creates an avatar by the API, with a new user unless `user_id` is given. */
  async function makeAvatar(fields: Record<string, unknown> = {}) {
    const user_id = fields['user_id'] ?? (await makeUser()).id;
    const json = { name: 'Ada', gender: 'female', training_type: 'portrait', ...fields, user_id };
    const { status, body } = await call('POST', '/v1/avatars', { json });
    if (status !== 201) throw new Error(`no avatar was made: ${JSON.stringify(body)}`);
    return body;
  }

  return { ...service, key, call, makeUser, makeAvatar };
}

export type TestApp = Awaited<ReturnType<typeof startApp>>;

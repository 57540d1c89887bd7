import { createKey } from '../../src/features/keys/create-key.ts';
import { type Scope, scopes, userScopes } from '../../src/platform/http/caller.ts';
import type { TestApp } from './app.ts';

/** The Authorization header of a new key with these scopes. */
export async function keyWith({ app }: Pick<TestApp, 'app'>, held: readonly Scope[]): Promise<string> {
  const { key } = await createKey(app, { name: held.join(' ') || 'none', scopes: held });
  return `Bearer ${key}`;
}

/** The Authorization header of a key with every scope but one. */
export function keyWithout(service: Pick<TestApp, 'app'>, scope: Scope): Promise<string> {
  return keyWith(
    service,
    scopes.filter((one) => one !== scope && one !== 'admin'),
  );
}

/** The Authorization header of a user token minted by the API, by default with all scopes. */
export async function tokenFor(
  { call }: Pick<TestApp, 'call'>,
  userId: string,
  held: readonly Scope[] = userScopes,
): Promise<string> {
  const { status, body } = await call('POST', `/v1/users/${userId}/tokens`, { json: { scopes: held } });
  if (status !== 201) throw new Error(`no token was minted: ${JSON.stringify(body)}`);
  return `Bearer ${body.token}`;
}

import { Problem } from '../../errors.ts';
/** What a key may be allowed to do. `admin` implies all the others. New ones go to the end. */
export const scopes = ['avatars:read', 'avatars:write', 'trainings:write', 'events:read', 'admin'] as const;
export type Scope = (typeof scopes)[number];

/** What a user token may be allowed to do: everything but to act for others. */
export const userScopes = ['avatars:read', 'avatars:write', 'trainings:write', 'events:read'] as const;
export type UserScope = (typeof userScopes)[number];

/**
 * Who makes a request: a key, which reaches everybody's rows, or a user by a token that a key has minted. `identity` is
 * the same for all keys that replaced each other, and for all tokens of one user. `keyId` is the key, or the one that minted
 * the token; `expiresAt` is when the credentials end at the latest.
 */
export type Caller =
  | (Credentials & { kind: 'key'; id: string; name: string; scopes: readonly Scope[] })
  | (Credentials & { kind: 'user'; id: string; scopes: readonly UserScope[] });

type Credentials = { identity: string; keyId: string; expiresAt: Date | null };

/** Whose rows a store function may touch; everybody's when no user is named. */
export type Reach = { userId?: string };

/** @throws Problem 403 `user-blocked` for a user whom the operator has blocked: nothing that costs is done for them */
export function refuseBlocked(user: { id: string; is_blocked: boolean } | undefined): void {
  if (!user?.is_blocked) return;
  throw new Problem(
    'user-blocked',
    'The user is blocked, so nothing is begun for them: set is_blocked to false first.',
    {
      extensions: { user_id: user.id },
    },
  );
}

/** @throws Problem 403 `key-needed` for a user token that sets `fal_priority`: who goes first is the operator's to say */
export function refuseOwnPriority({ kind }: Caller, { fal_priority: priority }: { fal_priority?: unknown }): void {
  if (kind === 'key' || priority === undefined) return;
  throw new Problem('key-needed', 'A user token can’t set fal_priority: that takes an API key.', {
    errors: [{ field: '/fal_priority', code: 'key-needed', detail: 'takes an API key' }],
  });
}

/** @returns whether the caller may use a route of this scope */
export function hasScope({ scopes: held }: Caller, scope: Scope): boolean {
  return held.some((one) => one === scope || one === 'admin');
}

/** @returns whose rows the caller reaches; a key reaches everybody's */
export function reachOf(caller: Caller): Reach {
  switch (caller.kind) {
    case 'key':
      return {};
    case 'user':
      return { userId: caller.id };
  }
}

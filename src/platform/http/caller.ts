import { Problem } from '../../errors.ts';
/** Scopes of a key. `admin` implies all others; append new ones. */
export const scopes = [
  'avatars:read',
  'avatars:write',
  'trainings:write',
  'events:read',
  'admin',
  'generations:write',
] as const;
export type Scope = (typeof scopes)[number];

export const userScopes = [
  'avatars:read',
  'avatars:write',
  'trainings:write',
  'events:read',
  'generations:write',
] as const;
export type UserScope = (typeof userScopes)[number];

/**
 * The authenticated caller: a key, which reaches the rows of every user, or a user with a token. `identity` is shared
 * by all rotations of a key and by all tokens of a user. `keyId` is the key, or the one that minted the token;
 * `expiresAt` is the earliest end of the credentials.
 */
export type Caller =
  | (Credentials & { kind: 'key'; id: string; name: string; scopes: readonly Scope[] })
  | (Credentials & { kind: 'user'; id: string; scopes: readonly UserScope[] });

type Credentials = { identity: string; keyId: string; expiresAt: Date | null };

/** The user whose rows a store function may touch; without it, every user's. */
export type Reach = { userId?: string };

/** @throws Problem 403 `user-blocked` */
export function refuseBlocked(user: { id: string; is_blocked: boolean } | undefined): void {
  if (!user?.is_blocked) return;
  throw new Problem(
    'user-blocked',
    'The user is blocked, so nothing can be started for them: set is_blocked to false first.',
    {
      extensions: { user_id: user.id },
    },
  );
}

/** @throws Problem 403 `key-needed` for a user token that sets `fal_priority` */
export function refuseOwnPriority({ kind }: Caller, { fal_priority: priority }: { fal_priority?: unknown }): void {
  if (kind === 'key' || priority === undefined) return;
  throw new Problem('key-needed', 'A user token can’t set fal_priority: that requires an API key.', {
    errors: [{ field: '/fal_priority', code: 'key-needed', detail: 'requires an API key' }],
  });
}

export function hasScope({ scopes: held }: Caller, scope: Scope): boolean {
  return held.some((one) => one === scope || one === 'admin');
}

/** Whose rows a use case may touch, and the request that its events name. */
export type Origin = Reach & { requestId?: string };

export function originOf({ caller, id }: { caller: Caller; id: string }): Origin & { requestId: string } {
  return { ...reachOf(caller), requestId: id };
}

export function reachOf(caller: Caller): Reach {
  switch (caller.kind) {
    case 'key':
      return {};
    case 'user':
      return { userId: caller.id };
  }
}

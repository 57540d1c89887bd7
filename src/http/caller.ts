/** What a key may be allowed to do. `admin` implies all the others. */
export const scopes = ['avatars:read', 'avatars:write', 'trainings:write', 'events:read', 'admin'] as const;
export type Scope = (typeof scopes)[number];

/** Who makes a request. */
export type Caller = { kind: 'key'; id: string; name: string; scopes: readonly Scope[] };

/** Whose rows a store function may touch; everybody's when no user is named. */
export type Reach = { userId?: string };

/** @returns whether the caller may use a route of this scope */
export function hasScope(caller: Caller, scope: Scope): boolean {
  return caller.scopes.includes(scope) || caller.scopes.includes('admin');
}

/** @returns whose rows the caller reaches; a key reaches everybody's */
export function reachOf(caller: Caller): Reach {
  switch (caller.kind) {
    case 'key':
      return {};
  }
}

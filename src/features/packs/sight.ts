import type { Caller } from '../../platform/http/caller.ts';

/** Which packs a caller sees: `public` is what user tokens see. */
export type Sight = 'all' | 'public';

export function sightOf({ kind }: Pick<Caller, 'kind'>): Sight {
  return kind === 'user' ? 'public' : 'all';
}

import type { Lora } from './lora-header.ts';

/** How often an address was fetched, and how many runs used it. */
export interface LoraCounts {
  fetches: number;
  uses: number;
}

export interface Loras {
  /**
   * Loads the LoRA of an address, by `fetch` unless it is cached; `cold` when it was fetched. Failures are not cached.
   */
  load(address: string, fetch: () => Promise<Lora>): Promise<{ lora: Lora; cold: boolean }>;
  counts(): Record<string, LoraCounts>;
}

/**
 * The runners' cache of LoRAs. fal's toolkit caches weights by the whole address, query included, and never refetches
 * (fal contract §4.6).
 * @param keeps whether LoRAs are cached, evaluated at each use
 */
export function createLoras(keeps: () => boolean): Loras {
  const held = new Map<string, Promise<Lora>>();
  const counts = new Map<string, LoraCounts>();

  function countOf(address: string): LoraCounts {
    const count = counts.get(address) ?? { fetches: 0, uses: 0 };
    counts.set(address, count);
    return count;
  }

  function fetchAndHold(address: string, fetch: () => Promise<Lora>): Promise<Lora> {
    countOf(address).fetches += 1;
    const fetched = fetch();
    held.set(address, fetched);
    fetched.catch(() => held.delete(address));
    return fetched;
  }

  return {
    async load(address, fetch) {
      const known = keeps() ? held.get(address) : undefined;
      const lora = await (known ?? fetchAndHold(address, fetch));
      countOf(address).uses += 1;
      return { lora, cold: known === undefined };
    },
    counts: () => Object.fromEntries(counts),
  };
}

import type { Lora } from './lora-header.ts';

/** How often the file under an address was fetched, and how many runs used it. */
export interface LoraCounts {
  fetches: number;
  uses: number;
}

export interface Loras {
  /**
   * Gives what the LoRA at an address is, by `fetch` unless it is held; `cold` when it was fetched.
   * @throws what `fetch` throws, and then holds nothing
   */
  load(address: string, fetch: () => Promise<Lora>): Promise<{ lora: Lora; cold: boolean }>;
  counts(): Record<string, LoraCounts>;
}

/**
 * The LoRAs that the runners hold. fal's own toolkit keeps weights by the whole address, query included, and never asks
 * for them again (fal contract §4.6).
 * @param keeps whether LoRAs are held, asked at each use
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

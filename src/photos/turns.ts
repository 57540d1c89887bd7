/** Runs what it is given, some at a time and the others in the order they came. */
export type Turns = <T>(run: () => Promise<T>) => Promise<T>;

/** @param places how many run at a time */
export function createTurns(places: number): Turns {
  const waiting: (() => void)[] = [];
  let free = places;
  return async (run) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await run();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}

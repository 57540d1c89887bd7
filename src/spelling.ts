/** The word of a list that a misspelt word probably means; undefined when none is close. */
export function closestTo(word: string, words: readonly string[]): string | undefined {
  const given = word.toLowerCase();
  const near = words
    .map((each) => ({ each, distance: distanceOf(given, each.toLowerCase()) }))
    // One typo in a short word, two in a long one.
    .filter(({ each, distance }) => distance <= (each.length >= 8 ? 2 : each.length >= 4 ? 1 : 0))
    .sort((a, b) => a.distance - b.distance);
  return near[0]?.each;
}

/** Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours. */
function distanceOf(from: string, to: string): number {
  let [before, row]: [number[], number[]] = [[], Array.from({ length: to.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const same = from[i - 1] === to[j - 1] ? 0 : 1;
      let least = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same);
      if (from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) least = Math.min(least, (before[j - 2] ?? 0) + 1);
      next.push(least);
    }
    [before, row] = [row, next];
  }
  return row[to.length] ?? 0;
}

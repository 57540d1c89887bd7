/** The end of a truncated list, such as `, and 3 more`; empty when complete. */
export function andMore(count: number, shown: number, before = ', and'): string {
  return count > shown ? `${before} ${count - shown} more` : '';
}

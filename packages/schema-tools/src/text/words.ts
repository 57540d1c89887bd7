/** The end of a list that is cut short: `, and 3 more`, or nothing where all are shown. */
export function andMore(count: number, shown: number, before = ', and'): string {
  return count > shown ? `${before} ${count - shown} more` : '';
}

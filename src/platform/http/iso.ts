/** RFC 3339 in UTC with milliseconds; null stays null. */
export function iso<T extends Date | null>(time: T): T extends Date ? string : string | null;
export function iso(time: Date | null): string | null {
  return time && time.toISOString();
}

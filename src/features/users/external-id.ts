/**
 * @param given an external id as a client writes it
 * @returns the form it is stored in: composed (Unicode's NFC), without spaces around it
 */
export function externalIdOf(given: string): string {
  return given.trim().normalize('NFC');
}

/**
 * The ways in which one external id may be stored, the likeliest first. Rows that are older than {@link externalIdOf}, and
 * those of the earlier system, hold what was sent.
 */
export function externalIdForms(given: string): string[] {
  const one = externalIdOf(given);
  return [...new Set([given, one, one.normalize('NFD')])];
}

/** @returns whether two ways of writing mean one external id */
export function isSameExternalId(one: string | null, other: string | null): boolean {
  return one === other || (one !== null && other !== null && externalIdOf(one) === externalIdOf(other));
}

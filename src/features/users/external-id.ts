/** @returns the stored form of an external id: Unicode NFC, trimmed */
export function externalIdOf(given: string): string {
  return given.trim().normalize('NFC');
}

/**
 * The spellings under which one external id may be stored, likeliest first: rows older than {@link externalIdOf}, and
 * those of the earlier system, hold what was sent.
 */
export function externalIdForms(given: string): string[] {
  const one = externalIdOf(given);
  return [...new Set([given, one, one.normalize('NFD')])];
}

export function isSameExternalId(one: string | null, other: string | null): boolean {
  return one === other || (one !== null && other !== null && externalIdOf(one) === externalIdOf(other));
}

import { closestTo } from './spelling.ts';

type Environment = Record<string, string | undefined>;

/** Former names of settings, which are still read; the current name takes precedence. */
export const formerNames: Readonly<Record<string, string>> = {
  WEBHOOK_RETENTION_DAYS: 'FAL_WEBHOOK_RETENTION_DAYS',
};

/** The variable that holds a setting: its name, or a former one where only that is set. */
export function variableOf(name: string, environment: Environment): string {
  const candidates = [name, ...Object.keys(formerNames).filter((former) => formerNames[former] === name)];
  return candidates.find((candidate) => environment[candidate]?.trim()) ?? name;
}

/**
 * Finds variables with former or misspelt names of settings; the latter are not read.
 * @param known the names of all settings
 * @returns a sentence for each
 */
export function findNameNotices(environment: Environment, known: readonly string[]): string[] {
  return Object.keys(environment)
    .filter((name) => environment[name] && !known.includes(name))
    .flatMap((name) => formerNotice(name, environment) ?? misspeltNotice(name, known) ?? []);
}

function formerNotice(name: string, environment: Environment): string | undefined {
  const present = formerNames[name];
  if (present === undefined) return undefined;
  return environment[present]?.trim()
    ? `${name} is not read, since ${present}, its name now, is set too: remove ${name}.`
    : `${name} is called ${present} now: rename it. Its value is used until then.`;
}

function misspeltNotice(name: string, known: readonly string[]): string | undefined {
  // Short names resemble ours by chance, as HOME does HOST.
  if (name.length < 6 && !known.includes(name.toUpperCase())) return undefined;
  const meant = closestTo(name, known);
  return meant === undefined ? undefined : `${name} is no setting, and is not read: did you mean ${meant}?`;
}

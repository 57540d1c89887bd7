export type Health = 'ok' | 'warn' | 'fail';

/** One check: what was found, and what to do about it. */
export type Examination = { name: string; health: Health; seen: string; fix: string | null };

export type Component = { name: string; health: Health; examinations: Examination[] };

export function ok(name: string, seen: string): Examination {
  return { name, health: 'ok', seen, fix: null };
}

export function warn(name: string, seen: string, fix: string): Examination {
  return { name, health: 'warn', seen, fix };
}

export function fail(name: string, seen: string, fix: string): Examination {
  return { name, health: 'fail', seen, fix };
}

/** A component has the health of its worst examination. */
export function component(name: string, examinations: Examination[]): Component {
  const worst = (['fail', 'warn', 'ok'] as const).find((health) => examinations.some((each) => each.health === health));
  return { name, health: worst ?? 'ok', examinations };
}

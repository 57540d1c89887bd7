export type Health = 'ok' | 'warn' | 'fail';

/** One thing that was looked at: what was seen, and what to do about it. */
export type Examination = { name: string; health: Health; seen: string; fix: string | null };

/** One of the five parts that a working installation has. */
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

/** A component is as well as its worst examination. */
export function component(name: string, examinations: Examination[]): Component {
  const worst = (['fail', 'warn', 'ok'] as const).find((health) => examinations.some((each) => each.health === health));
  return { name, health: worst ?? 'ok', examinations };
}

import { Type } from 'typebox';
import type { JobSpec } from '../platform/jobs/define.ts';

/** Prefix of ids in logs, problems and job data: `training` gives `training_id`. */
export type KindName = 'training';
type Named = { name: KindName };

const Id = Type.String({ format: 'uuid' });

/**
 * The jobs that a transition calls for, by name alone: advance.ts enqueues them, and what they do ends in advance.ts again.
 *
 * - `submit` prepares and submits. Its `round` tells one preparation from the next, which may be called for while the job of
 *   this one ends.
 * - `verify` fetches, verifies and stores what fal made.
 * - `cancel` asks fal to stop.
 */
export function followUpsOf(name: KindName) {
  const key = `${name}_id`;
  const About = Type.Object({ [key]: Id });
  const Round = Type.Object({ [key]: Id, round: Type.Optional(Type.String()) });
  const keyed = { data: About, key: (data: Record<string, string>) => data[key] ?? '' };
  return {
    submit: {
      name: `${name}.submit`,
      data: Round,
      key: (data: Record<string, string>) => `${data[key]} ${data['round'] ?? ''}`,
    } satisfies JobSpec<typeof Round>,
    verify: { ...keyed, name: `${name}.verify` } satisfies JobSpec<typeof About>,
    cancel: { ...keyed, name: `${name}.cancel` } satisfies JobSpec<typeof About>,
  };
}

export type FollowUps = ReturnType<typeof followUpsOf>;

export function followUpData({ name }: Named, { id }: { id: string }): Record<string, string> {
  return { [`${name}_id`]: id };
}

export function submitData(kind: Named, row: { id: string; updated_at: Date }) {
  return { ...followUpData(kind, row), round: row.updated_at.toISOString() };
}

export function idIn({ name }: Named, data: Record<string, string | undefined>): string {
  return data[`${name}_id`] ?? '';
}

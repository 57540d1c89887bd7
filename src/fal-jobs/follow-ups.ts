import { Type } from 'typebox';
import type { JobSpec } from '../platform/jobs/define.ts';

/** Prefix of ids in logs, problems and job data: `training` gives `training_id`. */
export type KindName = 'training' | 'generation';
type Named = { name: KindName };

const Id = Type.String({ format: 'uuid' });

/**
 * The jobs that a transition enqueues (advance.ts); their results come back as signals.
 * - `submit` prepares and submits. `round` distinguishes preparations, since the next may be enqueued while one ends.
 * - `verify` downloads, verifies and stores the result.
 * - `cancel` cancels at fal.
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

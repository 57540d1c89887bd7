import type { NamedPack } from './schemas.ts';
import portrait from './shipped/portrait.json' with { type: 'json' };
import studio from './shipped/studio.json' with { type: 'json' };

/** The packs that `likeness packs import` takes by name. They are checked like those of files. */
export const shippedPacks: readonly unknown[] = [portrait, studio] satisfies Pick<NamedPack, 'name'>[];

export function shippedPack(name: string): unknown {
  return shippedPacks.find((pack) => (pack as NamedPack).name === name);
}

import { notFound, Problem } from '../../errors.ts';
import type { Db } from '../../platform/db/client.ts';
import type { AskedImages } from '../models/settings.ts';
import type { PackContent } from '../packs/schemas.ts';
import type { Sight } from '../packs/sight.ts';
import { findPack, type Pack, publicAmong } from '../packs/store.ts';
import { contentOf } from '../packs/view.ts';
import type { Asked } from './plan.ts';
import type { Generation } from './store.ts';

type Body = Omit<Asked, 'prompt'> & {
  prompt?: string | undefined;
  pack?: string | undefined;
  pack_item?: string | undefined;
};
/** What a request asks for, and the item of a pack that its prompt is from. */
export type Wish = { asked: Asked; source: Pick<Generation, 'pack' | 'pack_item'> };

/**
 * Reads the prompt of a request, or takes it from the pack that it names.
 * @param sight of the caller: a pack out of sight does not exist
 * @throws Problem 400 `invalid-request` unless it has one or the other; 404 for the pack and its item
 */
export async function wishOf(db: Db, { prompt, pack: name, pack_item, ...rest }: Body, sight: Sight): Promise<Wish> {
  const isNamed = name !== undefined && pack_item !== undefined;
  if (prompt !== undefined && name === undefined && pack_item === undefined) {
    return { asked: { prompt, ...rest }, source: { pack: null, pack_item: null } };
  }
  if (prompt !== undefined || !isNamed) throw oneOrTheOther(prompt, name);
  const pack = (await findPack(db, name, sight)) ?? notFound('pack');
  const item = contentOf(pack).items.find((one) => one.name === pack_item) ?? notFound('item in the pack');
  return fromItem(item, pack, rest);
}

type BatchBody = Omit<Asked, 'prompt'> & { pack?: string | undefined; prompts?: string[] | undefined };

/**
 * The prompts of a batch, in order: a list of its own, or those of a pack.
 * @throws Problem 400 `invalid-request` unless it has one or the other; 404 for the pack
 */
export async function wishesOf(db: Db, { pack: name, prompts, ...rest }: BatchBody, sight: Sight): Promise<Wish[]> {
  if ((prompts === undefined) === (name === undefined)) {
    const isBoth = prompts !== undefined;
    throw faulty('/prompts', isBoth ? 'unknown-member' : 'missing', isBoth ? beside : 'is missing: send it, or pack');
  }
  const source = { pack: null, pack_item: null };
  if (prompts !== undefined) return prompts.map((prompt) => ({ asked: { prompt, ...rest }, source }));
  const pack = (await findPack(db, name ?? '', sight)) ?? notFound('pack');
  return contentOf(pack).items.map((item) => fromItem(item, pack, rest));
}

/** Of these generations, those whose prompts the caller must not read. */
export async function hiddenAmong(
  db: Db,
  list: readonly Pick<Generation, 'id' | 'pack'>[],
  sight: Sight,
): Promise<Set<string>> {
  const names = sight === 'all' ? [] : [...new Set(list.flatMap(({ pack }) => pack ?? []))];
  if (names.length === 0) return new Set();
  const shown = await publicAmong(db, names);
  return new Set(list.flatMap(({ id, pack }) => (pack === null || shown.has(pack) ? [] : [id])));
}

// What the request says itself goes before the item.
function fromItem(item: PackContent['items'][number], pack: Pack, rest: Omit<Asked, 'prompt'>): Wish {
  const asked: Asked = {
    ...rest,
    prompt: item.prompt,
    num_images: rest.num_images ?? item.num_images,
    preset: rest.preset ?? item.preset,
    aspect_ratio: hasSize(rest) ? rest.aspect_ratio : item.aspect_ratio,
  };
  return { asked, source: { pack: pack.name, pack_item: item.name } };
}

function hasSize({ aspect_ratio, width, height }: AskedImages): boolean {
  return [aspect_ratio, width, height].some((value) => value !== undefined);
}

const beside = 'can’t stand beside pack';

function oneOrTheOther(prompt: string | undefined, pack: string | undefined): Problem {
  if (prompt !== undefined) return faulty('/prompt', 'unknown-member', beside);
  if (pack !== undefined) return faulty('/pack_item', 'missing', 'is missing: name an item of the pack');
  return faulty('/prompt', 'missing', 'is missing: send it, or pack and pack_item');
}

function faulty(field: string, code: string, detail: string): Problem {
  return new Problem('invalid-request', `body: ${field} ${detail}.`, {
    errors: [{ field, code, detail }],
    extensions: { in: 'body' },
  });
}

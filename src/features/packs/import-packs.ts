import type { Context } from '../../context.ts';
import { Problem } from '../../errors.ts';
import { transact } from '../../platform/db/transact.ts';
import { invalidRequest } from '../../platform/http/invalid-request.ts';
import { readJson } from '../../platform/http/json-body.ts';
import { buildValidator } from '../../platform/http/validator.ts';
import { savePack, type Saved } from './save-pack.ts';
import { type NamedPack, PackFile } from './schemas.ts';

type Validate = { (value: unknown): boolean; errors?: Parameters<typeof invalidRequest>[1] };

/**
 * The packs in a file: one, or a list of them.
 * @throws Problem `invalid-request` naming what is wrong
 */
export function readPacks(bytes: Buffer): NamedPack[] {
  const value = readJson(bytes);
  return [value].flat().map((one, index) => checkedForm(one, Array.isArray(value) ? `/${index}` : ''));
}

/** @param at where the pack stands in its file, as a JSON pointer */
export function checkedForm(pack: unknown, at = ''): NamedPack {
  const route = { schema: PackFile, method: 'PUT', url: '/v1/packs/:name', httpPart: 'body' };
  const validate = buildValidator({})(route) as unknown as Validate;
  if (validate(pack)) return pack as NamedPack;
  const faults = (validate.errors ?? []).map((fault) => ({ ...fault, instancePath: at + fault.instancePath }));
  throw invalidRequest('file', faults);
}

/**
 * Writes packs, all or none.
 * @throws Problem `invalid-setting` for a name that comes twice, and what {@link savePack} throws
 */
export async function importPacks(context: Pick<Context, 'db'>, list: readonly NamedPack[]): Promise<Saved[]> {
  const names = list.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Problem('invalid-setting', `The pack ${twice} stands in the file twice.`);
  return transact(context, async (tx) => {
    const saved: Saved[] = [];
    // In lock order.
    for (const { name, ...content } of [...list].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      saved.push(await savePack({ db: tx }, name, content));
    }
    return saved;
  });
}

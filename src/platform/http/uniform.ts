/** As much of a JSON Schema as says how a value is written. */
export type Described = {
  type?: string | string[];
  format?: string;
  properties?: Record<string, Described>;
  items?: Described;
};
type Unify = (value: unknown) => unknown;

/**
 * How values of a schema are put into the one form that they are compared and stored in: ids in lower case; and where
 * everything is text (queries, paths, headers), what is a number, a flag or a list by its schema becomes one. Whatever has
 * no such form stays as it is, for validation to refuse.
 * @param where `isText`: the values come from a query, a path or headers
 * @returns undefined when values of the schema have one form already; members of an object change in place
 */
export function uniformly(schema: Described, where: { isText: boolean }): Unify | undefined {
  const types = [schema.type ?? []].flat();
  if (types.includes('object')) return membersUniformly(schema.properties ?? {}, where);
  if (types.includes('array')) return listUniformly(schema.items ?? {}, where);
  if (schema.format === 'uuid') return whenText((text) => text.toLowerCase());
  if (!where.isText) return undefined;
  if (types.includes('integer') || types.includes('number')) return whenText(numberOf);
  if (types.includes('boolean')) return whenText((text) => flags.get(text) ?? text);
  return undefined;
}

function membersUniformly(properties: Record<string, Described>, where: { isText: boolean }): Unify | undefined {
  const members = Object.entries(properties).flatMap(([name, schema]) => {
    const unify = uniformly(schema, where);
    return unify ? [[name, unify] as const] : [];
  });
  if (members.length === 0) return undefined;
  return (value) => {
    if (!isObject(value)) return value;
    for (const [name, unify] of members) if (Object.hasOwn(value, name)) value[name] = unify(value[name]);
    return value;
  };
}

// In a query a list of one is written as its entry.
function listUniformly(items: Described, where: { isText: boolean }): Unify | undefined {
  const unify = uniformly(items, where);
  if (!unify && !where.isText) return undefined;
  return (value) => {
    const list = where.isText && typeof value === 'string' ? [value] : value;
    return unify && Array.isArray(list) ? list.map(unify) : list;
  };
}

function whenText(unify: (text: string) => unknown): Unify {
  return (value) => (typeof value === 'string' ? unify(value) : value);
}

const flags = new Map([
  ['true', true],
  ['false', false],
]);

// Decimal digits alone: not 1e3, 0x10, Infinity, +1 or 01. Beyond 15 digits a number is no longer exact.
function numberOf(text: string): unknown {
  return /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?$/.test(text) ? Number(text) : text;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

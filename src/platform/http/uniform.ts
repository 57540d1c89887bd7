export type Described = {
  type?: string | string[];
  format?: string;
  properties?: Record<string, Described>;
  items?: Described;
};
type Unify = (value: unknown) => unknown;

/**
 * Compiles a function that brings values into the form in which they are compared and stored: ids in lower case; in
 * queries, paths and headers, text becomes number, boolean or list as the schema says. Other values stay as they are,
 * for validation to refuse.
 * @param where `isText`: the values come from a query, a path or headers
 * @returns undefined when no value of the schema needs conversion; objects are changed in place
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

// A query parameter given once is a list of one.
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

// Decimal digits only: not 1e3, 0x10, Infinity, +1 or 01. Beyond 15 digits a number is not exact.
function numberOf(text: string): unknown {
  return /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?$/.test(text) ? Number(text) : text;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

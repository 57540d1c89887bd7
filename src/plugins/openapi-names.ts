type Json = { [name: string]: Json } | Json[] | string | number | boolean | null | undefined;
type Operation = { responses?: Json };

/**
 * Moves response schemas with a name (`title`) to the components, so that generated clients get `Training` and not
 * `GetTraining200Response`.
 * @param document an OpenAPI 3.1 description, changed in place
 * @throws Error when two schemas have one name
 */
export function nameSchemas(document: { paths?: unknown; components?: { schemas?: object } }): void {
  const named = new Map<string, Json>();
  for (const path of Object.values((document.paths ?? {}) as Record<string, Record<string, Operation>>)) {
    for (const operation of Object.values(path)) operation.responses = withReferences(operation.responses, named);
  }
  const schemas = Object.fromEntries([...named].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  document.components = { ...document.components, schemas: { ...document.components?.schemas, ...schemas } };
}

function withReferences(value: Json, named: Map<string, Json>): Json {
  if (Array.isArray(value)) return value.map((one) => withReferences(one, named));
  if (!isObject(value)) return value;
  const { title: name, ...rest } = value;
  // A property named title is no name.
  const members = typeof name === 'string' ? rest : value;
  const schema = Object.fromEntries(
    Object.entries(members).map(([key, one]) => [key, key.startsWith('example') ? one : withReferences(one, named)]),
  );
  if (typeof name !== 'string') return schema;
  const known = named.get(name);
  if (known !== undefined && textOf(known) !== textOf(schema))
    throw new Error(`two schemas of answers are called ${name}`);
  if (known === undefined || 'examples' in schema) named.set(name, schema);
  return { $ref: `#/components/schemas/${name}` };
}

// @fastify/swagger moves the examples of a whole response from its schema to the response.
function textOf(schema: Json): string {
  return JSON.stringify(schema, (key, value: unknown) => (key.startsWith('example') ? undefined : value));
}

function isObject(value: unknown): value is { [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

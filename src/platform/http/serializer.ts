import SerializerSelector from '@fastify/fast-json-stringify-compiler';

type Serialize = SerializerSelector.Serializer;

const build = SerializerSelector();

/**
 * Fastify's own serialization by response schema, compiled on first use and once per schema: every route declares a
 * dozen problems, few of which are ever sent.
 */
export function buildSerializer(...shared: Parameters<typeof build>): SerializerSelector.SerializerCompiler {
  const compile = build(...shared);
  const known = new Map<string, Serialize>();
  return (route) => {
    let serialize: Serialize | undefined;
    return (value) => {
      serialize ??= compiledOnce(route);
      return serialize(value);
    };
  };

  function compiledOnce(route: SerializerSelector.RouteDefinition): Serialize {
    const schema = JSON.stringify(route.schema);
    const found = known.get(schema) ?? compile(route);
    known.set(schema, found);
    return found;
  }
}

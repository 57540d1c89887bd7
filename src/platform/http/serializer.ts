import SerializerSelector from '@fastify/fast-json-stringify-compiler';

type Serialize = SerializerSelector.Serializer;

const build = SerializerSelector();

/**
 * Fastify's own serialization by the schemas of answers, compiled when an answer first needs it and once for each schema:
 * every route states the same dozen problems, and few of them are ever sent.
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

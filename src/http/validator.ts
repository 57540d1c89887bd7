import AjvCompiler from '@fastify/ajv-compiler';

type Schemas = Parameters<AjvCompiler.BuildCompilerFromPool>[0];
type Validate = { (data: unknown, at?: object): unknown; errors?: unknown; schemaEnv?: unknown };
type Compile = (route: AjvCompiler.RouteDefinition) => Validate;

// One for all: it keeps the compilers it has built, and Fastify asks anew for routes beside shared schemas.
const build = AjvCompiler();

/**
 * Validation by JSON Schema: nothing is stripped silently, all faults are reported at once, and values change their
 * type only where they can't help being text (queries, paths, headers), never in a body. A schema is compiled when it is
 * first needed, for compiling all of them takes longer than the rest of the start.
 */
function compilers(externalSchemas: Schemas) {
  const compilerWith = (coerceTypes: false | 'array') =>
    build(externalSchemas, {
      customOptions: {
        removeAdditional: false,
        useDefaults: true,
        allErrors: true,
        // A value that may be null has two types, as OpenAPI 3.1 writes it; a setting has more.
        allowUnionTypes: true,
        coerceTypes,
        validateSchema: false,
      },
    }) as unknown as Compile;
  // To find a compiler anew, its pool would write down all shared schemas.
  const kept: { ofBody?: Compile; ofText?: Compile } = {};
  return (route: AjvCompiler.RouteDefinition) =>
    lazily(() =>
      route.httpPart === 'body'
        ? (kept.ofBody ??= compilerWith(false))(route)
        : (kept.ofText ??= compilerWith('array'))(route),
    );
}

// Fastify reads the errors from the function itself, and tells it where the data stands when it bears a schemaEnv.
function lazily(compile: () => Validate): Validate {
  let compiled: Validate | undefined;
  const validate: Validate = (data, at) => {
    compiled ??= compile();
    const valid = compiled(data, at);
    validate.errors = compiled.errors;
    return valid;
  };
  validate.schemaEnv = true;
  return validate;
}

// The library's types describe its two kinds of compiler as one; Fastify calls this one with routes alone.
export const buildValidator = compilers as unknown as AjvCompiler.BuildCompilerFromPool;

import AjvCompiler from '@fastify/ajv-compiler';

type Schemas = Parameters<AjvCompiler.BuildCompilerFromPool>[0];

/**
 * Validation by JSON Schema: nothing is stripped silently, all faults are reported at once, and values change their
 * type only where they can't help being text (queries, paths, headers), never in a body.
 */
function compilers(externalSchemas: Schemas) {
  const build = AjvCompiler();
  const compilerWith = (coerceTypes: false | 'array') =>
    build(externalSchemas, {
      customOptions: { removeAdditional: false, useDefaults: true, allErrors: true, coerceTypes },
    });
  const strict = compilerWith(false);
  const coercing = compilerWith('array');
  return (route: AjvCompiler.RouteDefinition) => (route.httpPart === 'body' ? strict : coercing)(route);
}

// The library's types describe its two kinds of compiler as one; Fastify calls this one with routes alone.
export const buildValidator = compilers as unknown as AjvCompiler.BuildCompilerFromPool;

import AjvCompiler from '@fastify/ajv-compiler';

/**
 * Validation by JSON Schema: nothing is stripped silently, all faults are reported at once, and values change their
 * type only where they can't help being text (queries, paths, headers), never in a body.
 */
export const buildValidator: AjvCompiler.BuildCompilerFromPool = (externalSchemas, options) => {
  const build = AjvCompiler();
  const compilerWith = (coerceTypes: false | 'array') =>
    build(externalSchemas, {
      ...options,
      customOptions: { removeAdditional: false, useDefaults: true, allErrors: true, coerceTypes },
    });
  const strict = compilerWith(false);
  const coercing = compilerWith('array');
  return (route: AjvCompiler.RouteDefinition) => (route.httpPart === 'body' ? strict(route) : coercing(route));
};

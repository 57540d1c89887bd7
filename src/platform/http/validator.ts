import AjvCompiler from '@fastify/ajv-compiler';
import { formats } from './formats.ts';
import { type Described, uniformly } from './uniform.ts';

type Schemas = Parameters<AjvCompiler.BuildCompilerFromPool>[0];
type Validate = { (data: unknown, at?: object): unknown; errors?: unknown; schemaEnv?: unknown };

type Ajv = AjvCompiler.Ajv;
type Matches = { (text: string): boolean; errors?: object[] };
type Compile = (route: AjvCompiler.RouteDefinition) => Validate;

// One for all: it keeps the compilers it has built, and Fastify asks anew for routes beside shared schemas.
const build = AjvCompiler();

/**
 * Validation by JSON Schema: nothing is stripped silently, all faults are reported at once, and what can be written in
 * several ways is put into one before (uniform.ts). A schema is compiled when it is first needed, for compiling all of
 * them takes longer than the rest of the start.
 */
function compilers(externalSchemas: Schemas) {
  let compiler: Compile | undefined;
  return (route: AjvCompiler.RouteDefinition) =>
    lazily(route, () => {
      compiler ??= build(externalSchemas, {
        customOptions: {
          removeAdditional: false,
          useDefaults: true,
          allErrors: true,
          // A value that may be null has two types, as OpenAPI 3.1 writes it; a setting has more.
          allowUnionTypes: true,
          coerceTypes: false,
          validateSchema: false,
        },
        onCreate: complete,
      }) as unknown as Compile;
      return compiler(route);
    });
}

function complete(ajv: Ajv): void {
  for (const [name, passes] of Object.entries(formats)) ajv.addFormat(name, passes);
  ajv.removeKeyword('pattern');
  ajv.addKeyword({ keyword: 'pattern', type: 'string', schemaType: 'string', compile: patternOf });
}

// ajv looks at everything about a value, also at a text whose length is its fault. A character has one unit or two.
function patternOf(pattern: string, parent: Record<string, unknown>): Matches {
  const { maxLength = Infinity } = parent as { maxLength?: number };
  const expression = new RegExp(pattern, 'u');
  const matches: Matches = (text) => {
    if (text.length > 2 * maxLength || expression.test(text)) return true;
    matches.errors = [{ keyword: 'pattern', params: { pattern }, message: `must match pattern ${pattern}` }];
    return false;
  };
  return matches;
}

// Fastify reads the errors from the function itself, and tells it where the data stands when it bears a schemaEnv.
function lazily({ schema, httpPart }: AjvCompiler.RouteDefinition, compile: () => Validate): Validate {
  let compiled: Validate | undefined;
  const unify = uniformly(schema as Described, { isText: httpPart !== 'body' });
  const validate: Validate = (data, at) => {
    compiled ??= compile();
    const valid = compiled(unify?.(data) ?? data, at);
    validate.errors = compiled.errors;
    return valid;
  };
  validate.schemaEnv = true;
  return validate;
}

// The library's types describe its two kinds of compiler as one; Fastify calls this one with routes alone.
export const buildValidator = compilers as unknown as AjvCompiler.BuildCompilerFromPool;

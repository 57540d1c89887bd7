import AjvCompiler from '@fastify/ajv-compiler';
import { formats } from './formats.ts';
import { type Described, uniformly } from './uniform.ts';

type Schemas = Parameters<AjvCompiler.BuildCompilerFromPool>[0];
type Validate = { (data: unknown, at?: object): unknown; errors?: unknown; schemaEnv?: unknown };

type Ajv = AjvCompiler.Ajv;
type Matches = { (text: string): boolean; errors?: object[] };
type Compile = (route: AjvCompiler.RouteDefinition) => Validate;

// One for all scopes: it caches compilers, and Fastify asks again for each scope with shared schemas.
const build = AjvCompiler();

/**
 * JSON Schema validation: nothing is stripped, all errors are reported, and values are normalised first (uniform.ts).
 * Schemas are compiled on first use: compiling all takes longer than everything else at start.
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
          // A nullable value has two types (OpenAPI 3.1), a setting more.
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

// ajv goes on after a failed maxLength. A character has one or two UTF-16 units.
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

// Fastify reads errors from the function, and passes the data path when it has a schemaEnv.
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

// The types merge the library's two kinds of compiler; Fastify calls this one with routes alone.
export const buildValidator = compilers as unknown as AjvCompiler.BuildCompilerFromPool;

import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { buildValidator } from '../../platform/http/validator.ts';

const compile = buildValidator({});

/** A validator for routes that read their body as a stream: the schema of the body documents it and is not checked. */
export const describedBody: FastifySchemaCompiler<TSchema> = (route) =>
  route.httpPart === 'body' ? () => true : compile(route);

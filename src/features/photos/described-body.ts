import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { buildValidator } from '../../platform/http/validator.ts';

const compile = buildValidator({});

/**
 * A validator for routes whose body is read as a stream: its schema describes it and can't be checked beforehand. The
 * rest is checked as everywhere.
 */
export const describedBody: FastifySchemaCompiler<TSchema> = (route) =>
  route.httpPart === 'body' ? () => true : compile(route);

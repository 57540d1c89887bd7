import type { TSchema } from 'typebox';
import { Problem, type ProblemCode, type ProblemDocument, problemDocument, problems } from '../../errors.ts';

/** The problems that any authenticated route can answer with. */
const common: ProblemCode[] = [
  'invalid-request',
  'unauthorized',
  'missing-scope',
  'user-blocked',
  'rate-limited',
  'internal-error',
  'database-unavailable',
];

/**
 * The `response` member of an authenticated route's schema.
 * @param successes status → schema, as Fastify takes them
 * @param codes the route's own problem codes; those of every authenticated route are added
 */
export function answers(
  successes: Record<number, TSchema | object>,
  codes: ProblemCode[] = [],
): Record<number, object> {
  return { ...successes, ...problemAnswers([...common, ...codes]) };
}

/** The `response` member of a route outside the authenticated scope: no problem codes are added. */
export function problemAnswers(codes: readonly ProblemCode[]): Record<number, object> {
  const byStatus = new Map<number, Set<ProblemCode>>();
  for (const code of codes) {
    const { status } = problems[code];
    byStatus.set(status, (byStatus.get(status) ?? new Set()).add(code));
  }
  return Object.fromEntries(
    [...byStatus].map(([status, set]) => [
      status,
      {
        description: [...set].map((code) => `\`${code}\`: ${problems[code].title}.`).join(' '),
        content: {
          'application/problem+json': {
            schema: { $ref: 'Problem#' },
            examples: Object.fromEntries([...set].map((code) => [code, { value: exampleOf(code) }])),
          },
        },
      },
    ]),
  );
}

/** @returns responses with further problem codes, merged with those of equal status */
export function withProblems(
  response: Record<number, object> | undefined,
  codes: readonly ProblemCode[],
): Record<number, object> {
  const known = new Map(
    codes.map((code) => [problems[code].status as number, codesAt(response, problems[code].status)]),
  );
  return { ...response, ...problemAnswers([...known.values()].flat().concat(codes)) };
}

function codesAt(response: Record<number, object> | undefined, status: number): ProblemCode[] {
  const described: { content?: Record<string, { examples?: object }> } = response?.[status] ?? {};
  const examples = described.content?.['application/problem+json']?.examples ?? {};
  return Object.keys(examples).filter((code): code is ProblemCode => code in problems);
}

function exampleOf(code: ProblemCode): ProblemDocument {
  return problemDocument(new Problem(code, `${problems[code].title}.`), '0199a5b2-7c1e-7cc3-9a4b-2f6f1d0c8e55');
}

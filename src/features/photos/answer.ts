import type { Static } from 'typebox';
import { Problem, type ProblemCode } from '../../errors.ts';
import type { Result } from './add-photos.ts';
import type { PhotosResult } from './schemas.ts';
import { photoView } from './view.ts';

const passing = ['rate-limited', 'overloaded'] as const satisfies ProblemCode[];

export type Answer = Static<typeof PhotosResult>;

/**
 * @throws Problem when no photo was added: 422 `photos-rejected`; 429 `rate-limited` or 503 `overloaded` when some may
 * be taken later
 */
export function answerTo({ accepted, rejected }: Result): Answer {
  if (accepted.length > 0) return { accepted: accepted.map(photoView), rejected };
  const sentences = rejected.map(({ filename, detail }) => `${filename ?? 'A file'} ${detail}.`);
  const code = passing.find((each) => rejected.some((rejection) => rejection.code === each)) ?? 'photos-rejected';
  throw new Problem(code, sentences.join(' '), {
    errors: rejected.map(({ filename, code, detail }) => ({ field: filename ?? '', code, detail })),
    extensions: { accepted: [], rejected },
    ...(code !== 'photos-rejected' && { headers: { 'retry-after': '60' } }),
  });
}

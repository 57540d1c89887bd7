import type { Generation, Training } from '../../../packages/client/src/index.ts';
import { DemoError } from './own-photos.ts';

const patienceMs = 5 * 60_000;

/** @throws DemoError when it has not ended within five minutes */
export async function untilDone<T>(noun: string, wait: (timeoutMs: number) => Promise<T>): Promise<T> {
  try {
    return await wait(patienceMs);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    throw new DemoError(`The ${noun} has not ended within five minutes; something is wrong.`, { cause: error });
  }
}

/** Why it did not succeed, in a sentence. */
export function failureOf(noun: string, { id, status, charged, error }: Training | Generation): string {
  const why = error ? ` (${error.code}): ${error.message}` : '.';
  return `The ${noun} ${id} ${status}${why} Charged: ${charged ?? 'no'}.`;
}

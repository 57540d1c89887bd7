import type { Context } from '../../context.ts';
import * as lateResult from '../../fal-jobs/accept-late.ts';
import * as cancel from '../../fal-jobs/cancel.ts';
import { reconcileJobOf } from '../../fal-jobs/reconcile.ts';
import { submitJobOf } from '../../fal-jobs/submit.ts';
import { verifyJobOf } from '../../fal-jobs/verify.ts';
import type { Origin } from '../../platform/http/caller.ts';
import { generationKind } from './kind.ts';
import type { Generation } from './store.ts';

/* The machine of paid jobs (src/fal-jobs), bound to generations. */

type Needs = Pick<Context, 'db' | 'config' | 'jobs' | 'log' | 'wakeups'>;

export const submitGenerationJob = submitJobOf(generationKind);
export const verifyGenerationJob = verifyJobOf(generationKind);
export const cancelGenerationJob = cancel.cancelJobOf(generationKind);
export const checkGenerationsJob = reconcileJobOf(generationKind);

/** See fal-jobs/cancel.ts. */
export function requestCancel(context: Needs, id: string, origin?: Origin): Promise<Generation> {
  return cancel.requestCancel(context, generationKind, id, origin);
}

/** See fal-jobs/accept-late.ts. */
export function acceptLateResult(context: Needs, id: string, origin?: Origin): Promise<Generation> {
  return lateResult.acceptLateResult(context, generationKind, id, origin);
}

import type { Counter, Registry } from 'prom-client';
import type { Context } from '../../context.ts';
import { registerJobGauges } from '../../fal-jobs/gauges.ts';
import { counterIn } from '../../platform/metrics/counter.ts';

export function registerGenerationMetrics({ metrics, sampler }: Pick<Context, 'metrics' | 'sampler'>): void {
  submissionsCounter(metrics);
  registerJobGauges({ metrics, sampler }, 'generation');
}

export function submissionsCounter(metrics: Registry): Counter<'outcome'> {
  return counterIn(metrics, {
    name: 'likeness_generation_submissions_total',
    help: 'Submissions of generations to fal by outcome: accepted, blocked, submit_unknown, give_up.',
    labels: { outcome: ['accepted', 'blocked', 'submit_unknown', 'give_up'] },
  });
}

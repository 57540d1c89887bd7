import { Counter, type Registry } from 'prom-client';

/** @returns the counter of attempts to deliver webhooks; the same one for each registry */
export function attemptsCounter(registry: Registry): Counter<'upshot'> {
  const name = 'likeness_webhook_attempts_total';
  const known = registry.getSingleMetric(name);
  if (known instanceof Counter) return known;
  return new Counter({
    name,
    help: 'Attempts to deliver webhooks to endpoints of clients, by what came of them.',
    labelNames: ['upshot'],
    registers: [registry],
  });
}

import type { Counter, Registry } from 'prom-client';
import { counterIn } from '../../platform/metrics/counter.ts';

export function photoBytesCounter(registry: Registry): Counter {
  return counterIn(registry, { name: 'likeness_photo_bytes_total', help: 'Bytes of photos added.' });
}

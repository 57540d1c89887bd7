import type { Signal } from '../../fal-jobs/signals.ts';
import type { JobStatus, StoredImage } from '../../platform/db/schema.ts';
import type { StoredImages } from './fetch.ts';
import type { Generation, NewGeneration } from './store.ts';

// fal refused before it used a processor.
const unpaid: ReadonlySet<string> = new Set(['invalid-input', 'lora-unreachable']);

/** What a signal writes into the columns that only generations have. Pure. */
export function generationChanges(
  generation: Generation,
  to: JobStatus,
  signal: Signal<StoredImages>,
): Partial<NewGeneration> {
  const billed = 'billedUnits' in signal && signal.billedUnits !== undefined && { billed_units: signal.billedUnits };
  switch (signal.kind) {
    case 'artifacts': {
      const { images } = signal.artifacts;
      const warnings = [...generation.warnings, ...signal.artifacts.warnings];
      return { warnings, ...(to === 'succeeded' ? { images_ok: good(images) } : { late_artifacts: images }) };
    }
    case 'accept_late':
      return { images_ok: good(generation.late_artifacts ?? []) };
    case 'failure':
      return { ...billed, ...(signal.charged === 'unknown' && unpaid.has(signal.error.code) && { charged: 'no' }) };
    default:
      return { ...billed };
  }
}

function good(images: readonly StoredImage[]): number {
  return images.filter(({ status }) => status === 'ok').length;
}

import type { JsonObject } from '../json.ts';
import type { Fields } from '../fields.ts';

export interface Stage {
  message: string;
  seconds: number;
}

export interface Trainer {
  endpoint: string;
  fields: Fields;
  /** Fewer images are refused as archive_file_count_below_minimum. */
  minimumImages: number;
  defaultSteps: number;
  /** Iterations a second in the middle of a run. */
  rate: number;
  usdPerStep: number;
  /** Whether `<stem>_mask.jpg` belongs to an image instead of being one. */
  takesMasks: boolean;
  stages(values: JsonObject, images: number): Stage[];
}

export function perImage(words: string, images: number, seconds: number): Stage[] {
  return Array.from({ length: images }, (_, index) => ({ message: `${words} ${index + 1}/${images}`, seconds }));
}

import type { JsonObject } from '../json.ts';
import type { Fields } from '../fields.ts';

/** What the runner does before it trains: one log line and the seconds it takes. */
export interface Stage {
  message: string;
  seconds: number;
}

/** One trainer of fal as the sandbox plays it. */
export interface Trainer {
  endpoint: string;
  fields: Fields;
  /** Fewer images are refused as archive_file_count_below_minimum. */
  minimumImages: number;
  /** Steps where the input leaves them to the trainer. */
  defaultSteps: number;
  /** Iterations a second at the middle of a run. */
  rate: number;
  usdPerStep: number;
  /** Whether `<stem>_mask.jpg` belongs to an image instead of being one. */
  takesMasks: boolean;
  stages(values: JsonObject, images: number): Stage[];
}

/** A stage that takes a while for each image. */
export function perImage(words: string, images: number, seconds: number): Stage[] {
  return Array.from({ length: images }, (_, index) => ({ message: `${words} ${index + 1}/${images}`, seconds }));
}

import type { Fields } from '../fields.ts';
import type { JsonObject } from '../json.ts';

/** One model of fal that makes images, as the sandbox plays it. */
export interface Model {
  endpoint: string;
  /** The model that its LoRAs must have been trained for, as `base` in their metadata. */
  base: string;
  fields: Fields;
  /** Width and height in pixels that an input without errors gets. */
  sizeOf(values: JsonObject): { width: number; height: number };
}

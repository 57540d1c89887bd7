import type { Fields } from '../fields.ts';
import type { JsonObject } from '../json.ts';

export interface Model {
  endpoint: string;
  /** The base model that its LoRAs need, as `base` in their metadata. */
  base: string;
  fields: Fields;
  /** Width and height in pixels for a valid input. */
  sizeOf(values: JsonObject): { width: number; height: number };
}

import type { Fields } from './fields.ts';
import { modelOf } from './models/index.ts';
import { trainerOf } from './trainers/index.ts';

/** What the input of an app may hold; null for an app that is not played. */
export function fieldsOf(app: string): Fields | null {
  return (trainerOf(app) ?? modelOf(app))?.fields ?? null;
}

import type { Fields } from './fields.ts';
import { modelOf } from './models/index.ts';
import { trainerOf } from './trainers/index.ts';

/** The input fields of an app; null for an unknown app. */
export function fieldsOf(app: string): Fields | null {
  return (trainerOf(app) ?? modelOf(app))?.fields ?? null;
}

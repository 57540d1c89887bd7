import { Problem } from '../../errors.ts';
import { type EventType, eventTypes } from '../events/types.ts';

/**
 * @param asked null for all types
 * @returns `asked` without duplicates
 * @throws Problem 422 `unknown-event-type` with the list of known types
 */
export function checkEventTypes(asked: readonly string[] | null): EventType[] | null {
  if (asked === null) return null;
  const unknown = asked.filter((type) => !eventTypes.some((known) => known === type));
  if (unknown.length > 0) {
    throw new Problem(
      'unknown-event-type',
      `There is no event type ${unknown.join(', ')}: the types are ${eventTypes.join(', ')}.`,
      {
        errors: unknown.map((type) => ({
          field: `/event_types/${asked.indexOf(type)}`,
          code: 'unknown-event-type',
          detail: 'is no type of event',
        })),
        extensions: { event_types: eventTypes },
      },
    );
  }
  return eventTypes.filter((type) => asked.includes(type));
}

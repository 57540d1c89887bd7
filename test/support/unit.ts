import type { Db } from '../../src/platform/db/client.ts';
import { transact, type Unit } from '../../src/platform/db/transact.ts';
import { type NewEvent, publish } from '../../src/features/events/publish.ts';

export function unitOf(db: Db): Unit {
  return { db };
}

/** Publishes events in a new unit of work. @returns their ids */
export function publishIn(unit: Unit, ...list: NewEvent[]): Promise<string[]> {
  return transact(unit, (tx) => publish(tx, ...list));
}

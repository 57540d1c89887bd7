import type { Tx } from '../../platform/db/transact.ts';
import type { Jobs } from '../../platform/jobs/jobs.ts';
import { enqueueDeletion } from '../../platform/storage/delete-objects.ts';
import { eraseEvents } from '../events/erase.ts';
import { eraseWebhooks } from '../inbox/erase.ts';
import { eraseTrainings, objectKeysOf } from '../trainings/erase.ts';
import { eraseResponses } from '../webhooks/erase.ts';

/** How long a job that fetches weights may still be storing them, in milliseconds: as long as it may run. */
const storingMs = 3_600_000;

/**
 * Empties what stays as the record of trainings of what is the person's: the trainings, what fal said of them, their
 * events and what endpoints answered to those; and asks for the deletion of trained weights.
 * @param whose that of avatars that are about to be deleted, or all of a user
 */
export async function eraseHistory(
  tx: Tx,
  jobs: Pick<Jobs, 'enqueue'>,
  whose: { avatarIds: readonly string[] } | { userId: string },
): Promise<void> {
  const keys = await objectKeysOf(tx, whose);
  await enqueueDeletion(tx, jobs, keys);
  // A late result may be on its way into the store at this moment, under these names.
  await enqueueDeletion(tx, jobs, keys, new Date(Date.now() + storingMs));
  await eraseTrainings(tx, whose);
  await eraseWebhooks(tx, whose);
  await eraseEvents(tx, whose);
  await eraseResponses(tx, whose);
}

import type { Tx } from '../../platform/db/transact.ts';
import type { Jobs } from '../../platform/jobs/jobs.ts';
import { enqueueDeletion } from '../../platform/storage/delete-objects.ts';
import { eraseEvents } from '../events/erase.ts';
import { eraseGenerations } from '../generations/erase.ts';
import { eraseWebhooks } from '../inbox/erase.ts';
import { eraseLoras } from '../loras/erase.ts';
import { eraseTrainings, objectKeysOf } from '../trainings/erase.ts';
import { eraseResponses } from '../webhooks/erase.ts';

/** Milliseconds for which a running job may still store weights: its longest run. */
const storingMs = 3_600_000;

/**
 * Removes personal data from what remains as a record: trainings, generations, fal's messages about them, events, and the
 * responses of endpoints; and enqueues the deletion of trained weights and images.
 * @param whose avatars that are about to be deleted, or a user
 */
export async function eraseHistory(
  tx: Tx,
  jobs: Pick<Jobs, 'enqueue'>,
  whose: { avatarIds: readonly string[] } | { userId: string },
): Promise<void> {
  const weights = await objectKeysOf(tx, whose);
  await eraseTrainings(tx, whose);
  await eraseLoras(tx, whose);
  await eraseWebhooks(tx, whose);
  // After the webhooks, which are found by its avatar.
  const keys = [...weights, ...(await eraseGenerations(tx, whose))];
  await enqueueDeletion(tx, jobs, keys);
  // A late result may be being stored under these keys right now.
  await enqueueDeletion(tx, jobs, keys, new Date(Date.now() + storingMs));
  await eraseEvents(tx, whose);
  await eraseResponses(tx, whose);
}

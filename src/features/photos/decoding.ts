import { createFairLimiter } from '../../platform/async/limiter.ts';
import { createBudget } from './budget.ts';
import { inspectPhoto, type Prepared, preparePhoto } from './prepare.ts';
import { formats, type Refusal } from './rules.ts';

// Decoded, 24 megapixels are 72 MB. Two at a time use two cores; the others wait on disk.
const inTurn = createFairLimiter(2);
const minuteMs = 60_000;
/** JPEG pixels per owner and minute, twice what one request can hold; other formats are weighted by their cost. */
const pixelsPerMinute = 1e9;
/** The least that a photo counts, since it is also a row, an object and an event: 200 of them in a minute. */
const leastPixels = 5e6;
const budget = createBudget(pixelsPerMinute, minuteMs);

/**
 * Prepares a photo when its owner's turn comes; the header is read before, since that decodes nothing.
 * @param userId the owner, who has one photo decoded at a time and a budget of pixels per minute
 * @param paths the file as received, and where to write the prepared photo
 * @param deadline aborts the wait for a turn
 * @throws StorageError when the disk is full
 */
export async function decodeInTurn(
  userId: string,
  { path, target }: { path: string; target: string },
  deadline: AbortSignal,
): Promise<Prepared | Refusal> {
  const found = await inspectPhoto(path);
  if ('code' in found) return found;
  async function prepare(): Promise<Prepared | Refusal> {
    const waitMs = budget.waitMs(userId);
    if (waitMs > 0) return beyondBudget(waitMs);
    if ('code' in found) return found;
    budget.spend(userId, Math.max(leastPixels, found.pixels * formats[found.format].cost));
    return preparePhoto(path, found.format, target);
  }
  return inTurn(userId, prepare, deadline).catch((error: unknown) => {
    if (deadline.aborted && error === deadline.reason) return tooLate();
    throw error;
  });
}

function beyondBudget(waitMs: number): Refusal {
  const seconds = Math.ceil(waitMs / 1000);
  const detail = `is more than is looked at for one user in a minute: send it again in ${seconds} seconds`;
  return { code: 'rate-limited', detail };
}

function tooLate(): Refusal {
  return { code: 'overloaded', detail: 'could not be looked at in time, there are too many others: send it again' };
}

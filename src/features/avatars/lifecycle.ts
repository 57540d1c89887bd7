import type { AvatarStatus } from '../../platform/db/schema.ts';

/** How many photos a training needs and takes. */
export type PhotoLimits = { minimum: number; maximum: number };

/**
 * The status of an avatar after photos came or went. Photos move it between draft, uploading and ready only while
 * nothing has succeeded; what was paid for stays usable whatever happens to the photos, and a running training decides
 * by itself.
 * @param avatar the row before, locked
 * @param photosCount how many photos it has now
 * @param limits those of the trainer that would train it
 */
export function statusAfterPhotos(
  avatar: { status: AvatarStatus; training_completed_at: Date | null },
  photosCount: number,
  limits: PhotoLimits,
): AvatarStatus {
  const { status, training_completed_at } = avatar;
  if (status === 'completed' || status === 'training' || training_completed_at !== null) return status;
  if (photosCount === 0) return 'draft';
  return photosCount < limits.minimum ? 'uploading' : 'ready';
}

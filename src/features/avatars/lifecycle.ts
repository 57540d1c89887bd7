import type { AvatarStatus } from '../../platform/db/schema.ts';

export type PhotoLimits = { minimum: number; maximum: number };

/**
 * The status of an avatar after its photos changed. Photos move it between draft, uploading and ready only while no
 * training has succeeded or runs.
 * @param avatar the row before, locked
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

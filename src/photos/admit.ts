import type { Room } from '../users/quota.ts';
import type { Refusal } from './rules.ts';

/**
 * Decides which photos an avatar takes: none that it has already, none twice, no more than its trainer takes, and no more
 * than its owner may have.
 * @param photos in the order they came
 * @param held what the avatar has
 * @param maximum the trainer's limit
 * @param room what the owner may still add
 */
export function admit<T extends { hash: string; bytes: number }>(
  photos: readonly T[],
  held: { hashes: ReadonlySet<string>; count: number },
  maximum: number,
  room: Room,
): { admitted: T[]; refused: { photo: T; refusal: Refusal }[] } {
  const admitted: T[] = [];
  const refused: { photo: T; refusal: Refusal }[] = [];
  const hashes = new Set(held.hashes);
  let bytes = 0;
  for (const photo of photos) {
    if (hashes.has(photo.hash)) {
      const detail = held.hashes.has(photo.hash)
        ? 'is among the photos of this avatar already'
        : 'was sent twice in this request';
      refused.push({ photo, refusal: { code: 'duplicate', detail } });
    } else if (held.count + admitted.length >= maximum) {
      const detail = `is one too many: the avatar takes ${maximum} photos, so delete another one first`;
      refused.push({ photo, refusal: { code: 'limit_reached', detail } });
    } else if (admitted.length >= room.photos || bytes + photo.bytes > room.bytes) {
      const detail = 'is more than one user may have: delete other photos of theirs first';
      refused.push({ photo, refusal: { code: 'quota_exceeded', detail } });
    } else {
      hashes.add(photo.hash);
      bytes += photo.bytes;
      admitted.push(photo);
    }
  }
  return { admitted, refused };
}

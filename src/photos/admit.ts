import type { Refusal } from './rules.ts';

/**
 * Decides which photos an avatar takes: none that it has already, none twice, and no more than its trainer takes.
 * @param photos in the order they came
 * @param held what the avatar has
 * @param maximum the trainer's limit
 */
export function admit<T extends { hash: string }>(
  photos: readonly T[],
  held: { hashes: ReadonlySet<string>; count: number },
  maximum: number,
): { admitted: T[]; refused: { photo: T; refusal: Refusal }[] } {
  const admitted: T[] = [];
  const refused: { photo: T; refusal: Refusal }[] = [];
  const hashes = new Set(held.hashes);
  for (const photo of photos) {
    if (hashes.has(photo.hash)) {
      const detail = held.hashes.has(photo.hash)
        ? 'is among the photos of this avatar already'
        : 'was sent twice in this request';
      refused.push({ photo, refusal: { code: 'duplicate', detail } });
    } else if (held.count + admitted.length >= maximum) {
      const detail = `is one too many: the avatar takes ${maximum} photos, so delete another one first`;
      refused.push({ photo, refusal: { code: 'limit_reached', detail } });
    } else {
      hashes.add(photo.hash);
      admitted.push(photo);
    }
  }
  return { admitted, refused };
}

import type { Room } from '../users/quota.ts';
import type { Refusal } from './rules.ts';
import type { Holdings } from './store.ts';

export type Applicant = {
  /** SHA-256 of the file as sent. */
  hash: string;
  /** SHA-256 of the stored photo, once known. */
  storedHash?: string;
  /** Bytes as stored, or as sent until that is known; counts against the owner's quota. */
  bytes: number;
};

export type Admission = {
  refusalOf(photo: Applicant): Refusal | null;
  take(photo: Applicant): void;
};

/**
 * Refuses duplicates, and photos beyond the trainer's maximum or the owner's quota.
 * @param held what the avatar has
 * @param room what the owner may still add
 */
export function createAdmission(
  held: Pick<Holdings, 'hashes' | 'storedHashes' | 'count'>,
  maximum: number,
  room: Room,
): Admission {
  const taken = { hashes: new Set<string>(), storedHashes: new Set<string>(), count: 0, bytes: 0 };
  const isIn = (photos: Pick<Holdings, 'hashes' | 'storedHashes'>, { hash, storedHash }: Applicant) =>
    photos.hashes.has(hash) || (storedHash !== undefined && photos.storedHashes.has(storedHash));
  return {
    refusalOf(photo) {
      if (isIn(held, photo)) {
        return { code: 'duplicate', detail: 'is among the photos of this avatar already: send another one' };
      }
      if (isIn(taken, photo)) return { code: 'duplicate', detail: 'was sent twice in this request: once is enough' };
      if (held.count + taken.count >= maximum) {
        const detail = `is one too many: the avatar takes ${maximum} photos, so delete another one first`;
        return { code: 'limit-reached', detail };
      }
      if (taken.count >= room.photos || taken.bytes + photo.bytes > room.bytes) {
        return {
          code: 'quota-exceeded',
          detail: 'is more than one user may have: delete other photos of theirs first',
        };
      }
      return null;
    },
    take({ hash, storedHash, bytes }) {
      taken.hashes.add(hash);
      if (storedHash !== undefined) taken.storedHashes.add(storedHash);
      taken.count += 1;
      taken.bytes += bytes;
    },
  };
}

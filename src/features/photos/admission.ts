import type { Room } from '../users/quota.ts';
import type { Refusal } from './rules.ts';
import type { Holdings } from './store.ts';

/** A photo as admission looks at it. */
export type Applicant = {
  /** SHA-256 of the file as it was sent. */
  hash: string;
  /** SHA-256 of what is stored, once that is known. */
  storedHash?: string;
  /** What it takes of the owner's room: bytes as stored, or as sent while that is all that is known. */
  bytes: number;
};

/** Decides which photos an avatar takes, and counts those that it took. */
export type Admission = {
  /** @returns why the photo can't be taken; null when it can */
  refusalOf(photo: Applicant): Refusal | null;
  take(photo: Applicant): void;
};

/**
 * An avatar takes no photo that it has already, none twice, no more than its trainer takes, and no more than its owner may
 * have.
 * @param held what the avatar has
 * @param maximum the trainer's limit
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

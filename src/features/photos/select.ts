import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import type { Avatar } from '../avatars/store.ts';
import type { Context } from '../../context.ts';
import { photoLimits } from '../trainers/registry.ts';
import { findRoom } from '../users/quota.ts';
import { type Applicant, createAdmission } from './admission.ts';
import type { Prepared } from './prepare.ts';
import type { Upload } from './receive.ts';
import type { Refusal, Rejection } from './rules.ts';
import { findHoldings } from './store.ts';

export type Candidate = { id: string; key: string; upload: Upload; prepared: Prepared };
export type Refused = { upload: Upload; refusal: Refusal };
export type Selection = { candidates: Candidate[]; refused: Refused[] };

/** How long photos may wait for their turns; silent connections are closed after two minutes. */
const longestWaitMs = 60_000;

/**
 * Selects the files that can become photos of an avatar; decodes only those that pass every other check. Takes no
 * locks: {@link addPhotos} decides again.
 * @throws StorageError when the disk is full
 */
export async function selectPhotos(
  { config, db }: Pick<Context, 'config' | 'db'>,
  avatar: Avatar,
  files: readonly Upload[],
  folder: string,
): Promise<Selection> {
  const { maximum } = photoLimits(avatar.training_type);
  const room = await findRoom(db, config, avatar.user_id);
  const admission = createAdmission(await findHoldings(db, avatar.id), maximum, room);
  const deadline = AbortSignal.timeout(longestWaitMs);
  const selection: Selection = { candidates: [], refused: [] };
  for (const upload of files) {
    const id = uuidv7();
    const asSent = { hash: upload.sha256, bytes: upload.size };
    const refusal = upload.refusal ?? admission.refusalOf(asSent);
    const prepared = refusal ?? (await decode(avatar.user_id, upload.path, join(folder, id), deadline));
    await rm(upload.path, { force: true });
    const late = 'code' in prepared ? prepared : admission.refusalOf(applicantOf(upload, prepared));
    if (late) selection.refused.push({ upload, refusal: late });
    if (late || 'code' in prepared) continue;
    admission.take(applicantOf(upload, prepared));
    selection.candidates.push({ id, key: `photos/${avatar.id}/${id}.${prepared.format}`, upload, prepared });
  }
  return selection;
}

async function decode(
  userId: string,
  path: string,
  target: string,
  deadline: AbortSignal,
): Promise<Prepared | Refusal> {
  // Loaded late, since libvips is large and most processes never see a photo.
  const { decodeInTurn } = await import('./decoding.ts');
  return decodeInTurn(userId, { path, target }, deadline);
}

export function applicantOf(upload: Upload, { sha256, size }: Prepared): Applicant {
  return { hash: upload.sha256, storedHash: sha256, bytes: size };
}

export function rejectionsOf(files: readonly Upload[], refused: readonly Refused[]): Rejection[] {
  return files.flatMap((file) => {
    const found = refused.find(({ upload }) => upload === file);
    return found ? [{ filename: file.filename, ...found.refusal }] : [];
  });
}

import { type Avatar, lockAvatar } from '../avatars/store.ts';
import type { Context } from '../../context.ts';
import type { Tx } from '../../platform/db/transact.ts';
import { notFound } from '../../errors.ts';
import { publish } from '../events/publish.ts';
import type { Reach } from '../../platform/http/caller.ts';
import { photoLimits } from '../trainers/registry.ts';
import { findRoom } from '../users/quota.ts';
import { refuseWhileTraining } from '../avatars/refuse-while-training.ts';
import { lockOwner } from '../users/store.ts';
import { createAdmission } from './admission.ts';
import { addedEvents, rejectedEvents } from './event.ts';
import { recountPhotos } from './recount.ts';
import type { Upload } from './receive.ts';
import type { Rejection } from './rules.ts';
import { applicantOf, type Candidate, rejectionsOf, type Selection } from './select.ts';
import { findHoldings, insertPhotos, type Photo } from './store.ts';

export type Result = { accepted: Photo[]; rejected: Rejection[] };
export type AddedUpload = {
  avatarId: string;
  files: readonly Upload[];
  selection: Selection;
  origin: Reach & { requestId: string };
};

/**
 * Writes the rows of stored photos, their events and the avatar's counters, in the caller's transaction. Checks the
 * selection again under the locks of avatar and owner.
 * @throws Problem 404; 409 `training-running`
 */
export async function addPhotos(
  tx: Tx,
  { config }: Pick<Context, 'config'>,
  { avatarId, files, selection, origin: { requestId, ...reach } }: AddedUpload,
): Promise<Result> {
  const avatar = (await lockAvatar(tx, avatarId, reach)) ?? notFound('avatar');
  await refuseWhileTraining(tx, [avatarId], 'adding photos');
  const held = await findHoldings(tx, avatarId);
  await lockOwner(tx, avatar.user_id);
  const room = await findRoom(tx, config, avatar.user_id);
  const admission = createAdmission(held, photoLimits(avatar.training_type).maximum, room);
  const accepted: Photo[] = [];
  const refused = [...selection.refused];
  for (const candidate of selection.candidates) {
    const applicant = applicantOf(candidate.upload, candidate.prepared);
    const refusal = admission.refusalOf(applicant);
    if (refusal) {
      refused.push({ upload: candidate.upload, refusal });
      continue;
    }
    admission.take(applicant);
    accepted.push(rowOf(avatar, candidate, held.lastOrder + accepted.length + 1));
  }
  const rejected = rejectionsOf(files, refused);
  if (accepted.length > 0) {
    await insertPhotos(tx, accepted);
    await recountPhotos(tx, avatar);
    await publish(tx, ...addedEvents(avatar, accepted, requestId), ...rejectedEvents(avatar, rejected, requestId));
  }
  return { accepted, rejected };
}

function rowOf(avatar: Avatar, { id, key, upload, prepared }: Candidate, order: number): Photo {
  const now = new Date();
  return {
    id,
    avatar_id: avatar.id,
    user_id: avatar.user_id,
    minio_key: key,
    file_hash: upload.sha256,
    upload_order: order,
    validation_status: 'valid',
    file_size: upload.size,
    width: prepared.width,
    height: prepared.height,
    format: prepared.format,
    // Not measured here.
    has_face: null,
    quality_score: null,
    validation_error: null,
    photo_metadata: {
      original_filename: upload.filename,
      stored_sha256: prepared.sha256,
      stored_size: prepared.size,
    },
    created_at: now,
    validated_at: now,
    order,
  };
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { type Avatar, findAvatar, lockAvatar } from '../avatars/store.ts';
import type { Context } from '../context.ts';
import type { Db } from '../db/client.ts';
import { notFound, Problem } from '../errors.ts';
import { eventsTopic, publish } from '../events/publish.ts';
import type { Reach } from '../http/caller.ts';
import { photoLimits } from '../trainers/registry.ts';
import { findRoom } from '../users/quota.ts';
import { refuseWhileTraining } from '../users/refuse-while-training.ts';
import { lockOwner } from '../users/store.ts';
import { admit } from './admit.ts';
import { recountPhotos } from './recount.ts';
import { photoBytesCounter } from './metrics.ts';
import type { Prepared } from './prepare.ts';
import type { Hands, Upload } from './receive.ts';
import { formats, type Rejection } from './rules.ts';
import { findHoldings, insertPhotos, type Photo } from './store.ts';
import { sweepAfterMs, sweepUploadJob } from './sweep.ts';

type Needs = Pick<Context, 'config' | 'db' | 'jobs' | 'storage' | 'wakeups' | 'log' | 'metrics'>;
type Origin = Reach & { requestId?: string };
type Candidate = { id: string; key: string; hash: string; bytes: number; upload: Upload; prepared: Prepared };
export type Result = { accepted: Photo[]; rejected: Rejection[] };
/** Runs what writes the rows in a transaction, alone or with what has to be committed along with them. */
export type Commit = (write: (tx: Db) => Promise<Result>) => Promise<Result>;

/**
 * Adds photos to an avatar. Files are looked at one by one as they arrive, and one that can't be used is rejected without
 * harm to the others; but nothing is written before all have arrived, so a request that breaks off leaves nothing.
 * @param receive reads the files into a folder and hands them over one after the other
 * @param commit how the rows are committed; by themselves when left out
 * @throws Problem 404; 409 `training-running`; whatever `receive` throws
 * @throws StorageError when the store or the disk fails; nothing is added then
 */
export async function addPhotos(
  context: Needs,
  avatarId: string,
  receive: (folder: string, hands: Hands) => Promise<void>,
  { requestId, ...reach }: Origin = {},
  commit: Commit = (write) => context.db.transaction(write),
): Promise<Result> {
  const { config, db, wakeups } = context;
  const avatar = (await findAvatar(db, avatarId, reach)) ?? notFound('avatar');
  await refuseWhileTraining(db, [avatarId], 'adding photos');
  const folder = await mkdtemp(join(tmpdir(), 'likeness-photos-'));
  try {
    const candidates: Candidate[] = [];
    const rejected: Rejection[] = [];
    await receive(folder, {
      reject: (rejection) => rejected.push(rejection),
      async take(upload) {
        const id = uuidv7();
        // libvips is large, and most processes never see a photo.
        const { preparePhoto } = await import('./prepare.ts');
        const prepared = await preparePhoto(upload.path, join(folder, id));
        if ('code' in prepared) return void rejected.push({ filename: upload.filename, ...prepared });
        const key = `photos/${avatarId}/${id}.${prepared.format}`;
        candidates.push({ id, key, hash: upload.sha256, bytes: upload.size, upload, prepared });
      },
    });
    // Looked at without a lock, to store nothing in vain; the lock decides afterwards.
    const { maximum } = photoLimits(avatar.training_type);
    const room = await findRoom(db, config, avatar.user_id);
    const { admitted, refused } = admit(candidates, await findHoldings(db, avatarId), maximum, room);
    for (const { photo, refusal } of refused) rejected.push({ filename: photo.upload.filename, ...refusal });
    const result = await keepStored(context, admitted, () =>
      commit((tx) => insertAdmitted(tx, { config, avatarId, admitted, rejected, reach, requestId })),
    );
    wakeups.wake(eventsTopic);
    countBytes(context, result.accepted);
    return result;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function countBytes({ metrics }: Needs, photos: Photo[]): void {
  photoBytesCounter(metrics).inc(photos.reduce((sum, { file_size }) => sum + file_size, 0));
}

/** Stores photos, runs what commits their rows, and removes the objects of those that got none. */
async function keepStored(
  { db, jobs, storage, log }: Needs,
  candidates: Candidate[],
  commit: () => Promise<Result>,
): Promise<Result> {
  const photos = candidates.map(({ id, key }) => ({ id, key }));
  const kept = new Set<string>();
  let isDecided = true;
  if (photos.length > 0) {
    await jobs.enqueue(db, sweepUploadJob, { photos }, { startAfter: new Date(Date.now() + sweepAfterMs) });
  }
  try {
    for (const { key, prepared } of candidates) {
      await storage.putFile(key, prepared.path, formats[prepared.format].contentType);
    }
    isDecided = false;
    const result = await commit().catch((error: unknown) => {
      isDecided = error instanceof Problem;
      throw error;
    });
    isDecided = true;
    for (const { id } of result.accepted) kept.add(id);
    return result;
  } finally {
    // A connection that broke at the commit doesn't tell whether there are rows now: the sweep looks.
    const orphans = isDecided ? photos.filter(({ id }) => !kept.has(id)).map(({ key }) => key) : [];
    // The sweep comes for those that can't be removed now.
    await storage
      .delete(orphans)
      .catch((error: unknown) => log.warn({ err: error }, 'photos without rows stay for now'));
  }
}

type Upshot = {
  config: Context['config'];
  avatarId: string;
  admitted: Candidate[];
  rejected: Rejection[];
  reach: Reach;
  requestId?: string | undefined;
};

async function insertAdmitted(tx: Db, upshot: Upshot): Promise<Result> {
  const { config, avatarId, admitted, rejected, reach, requestId } = upshot;
  const avatar = (await lockAvatar(tx, avatarId, reach)) ?? notFound('avatar');
  await refuseWhileTraining(tx, [avatarId], 'adding photos');
  const held = await findHoldings(tx, avatarId);
  await lockOwner(tx, avatar.user_id);
  const room = await findRoom(tx, config, avatar.user_id);
  const decided = admit(admitted, held, photoLimits(avatar.training_type).maximum, room);
  const late = decided.refused.map(({ photo, refusal }) => ({ filename: photo.upload.filename, ...refusal }));
  const all = { accepted: decided.admitted.map(rowOf(avatar, held.lastOrder)), rejected: [...rejected, ...late] };
  await insertPhotos(tx, all.accepted);
  await recountPhotos(tx, avatar);
  const about = { user_id: avatar.user_id, avatar_id: avatar.id, request_id: requestId ?? null };
  await publish(
    tx,
    ...all.accepted.map(({ id, width, height, format }) => ({
      ...about,
      type: 'photo.added' as const,
      photo_id: id,
      data: { width, height, format },
    })),
    ...all.rejected.map((rejection) => ({ ...about, type: 'photo.rejected' as const, data: rejection })),
  );
  return all;
}

function rowOf(avatar: Avatar, lastOrder: number): (candidate: Candidate, index: number) => Photo {
  const now = new Date();
  return ({ id, key, hash, upload, prepared }, index) => ({
    id,
    avatar_id: avatar.id,
    user_id: avatar.user_id,
    minio_key: key,
    file_hash: hash,
    upload_order: lastOrder + index + 1,
    validation_status: 'valid',
    file_size: upload.size,
    width: prepared.width,
    height: prepared.height,
    format: prepared.format,
    // Nobody looks for faces or measures quality, and no column says that somebody did.
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
    order: lastOrder + index + 1,
  });
}

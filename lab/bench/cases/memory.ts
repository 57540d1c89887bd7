import { randomBytes } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import sharp from 'sharp';
import { startSandbox } from '../../../src/commands/development/sandbox-process.ts';
import { type Api, apiOf } from '../api.ts';
import type { Ground } from '../ground.ts';
import { residentBytes } from '../processes.ts';
import type { Bench, Section } from '../section.ts';
import { makeKey, startOurs } from '../service.ts';

const patienceMs = 120_000;

type Size = { photoCount: number; width: number; height: number };

/** Resident memory of the service in bytes: idle, and the maximum while photos are uploaded, and archived and sent. */
type MemoryUse = { photoBytes: number; photos: number; idle: number; uploading: number; sending: number };

/** Uploads 20 photos of 10 MB in one request, has them archived and sent, and measures the service's memory. */
export async function measureMemory({ ground, quick }: Bench): Promise<Section[]> {
  const use = await memoryUse(
    ground,
    quick ? { photoCount: 4, width: 1000, height: 700 } : { photoCount: 20, width: 3000, height: 2000 },
  );
  return use === null ? [] : [memorySection(use)];
}

function memorySection({ photos, photoBytes, idle, uploading, sending }: MemoryUse): Section {
  const mb = (bytes: number) => Math.round(bytes / 1e6);
  const growth = mb(Math.max(uploading, sending) - idle);
  const what = `Memory for ${photos} photos of ${mb(photoBytes)} MB`;
  return {
    title: 'Memory of an upload',
    targets: [{ what, measured: growth, limit: 150, is: 'most', unit: 'MB' }],
    text: [
      `In one request: ${mb(idle)} MB resident before, ${mb(uploading)} MB at most while they were uploaded and prepared, ` +
        `${mb(sending)} MB while they were packed, sent and trained.`,
    ],
  };
}

async function memoryUse(ground: Ground, size: Size): Promise<MemoryUse | null> {
  const sandbox = await startSandbox({ speed: 100 });
  const databaseUrl = await ground.database('memory');
  const environment = { FAL_BASE_URL: sandbox.url, POLL_FIRST_SECONDS: '0.5', POLL_SECONDS: '0.5' };
  const service = await startOurs(ground, { role: 'all', databaseUrl, environment });
  try {
    const api = apiOf(service.url, await makeKey(databaseUrl));
    const photos = await makePhotos(join(ground.folder, 'photos'), size);
    const { id: user_id } = await api('POST', '/v1/users', { external_id: 'memory' });
    const fields = { user_id, name: 'Ada', gender: 'female', training_type: 'style' };
    const { id } = await api('POST', '/v1/avatars', fields);
    await delay(1000);
    const idle = residentBytes(service.pid);
    if (idle === null) return null;
    const uploading = await peak(service.pid, () => upload(api, `/v1/avatars/${String(id)}/photos`, photos.paths));
    const sending = await peak(service.pid, () => train(api, String(id)));
    return { photoBytes: photos.bytes, photos: photos.paths.length, idle, uploading, sending };
  } finally {
    await service.stop();
    await sandbox.stop();
  }
}

/** The maximum memory of a process during some work. */
async function peak(pid: number, work: () => Promise<void>): Promise<number> {
  let most = residentBytes(pid) ?? 0;
  const timer = setInterval(() => {
    most = Math.max(most, residentBytes(pid) ?? 0);
  }, 10);
  try {
    await work();
    return most;
  } finally {
    clearInterval(timer);
  }
}

async function upload(api: Api, path: string, photos: string[]): Promise<void> {
  const form = new FormData();
  for (const [index, photo] of photos.entries()) form.append('photos', await openAsBlob(photo), `${index}.jpg`);
  const { accepted } = await api('POST', path, form);
  if (!Array.isArray(accepted) || accepted.length !== photos.length) throw new Error('not all photos were accepted');
}

async function train(api: Api, avatarId: string): Promise<void> {
  const { id } = await api('POST', `/v1/avatars/${avatarId}/trainings`, {});
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const { status } = await api('GET', `/v1/trainings/${String(id)}`);
    if (status === 'succeeded') return;
    if (status === 'failed' || Date.now() > deadline) throw new Error(`the training is ${String(status)}`);
    await delay(50);
  }
}

/** Pictures of noise, which does not compress: six megapixels are 10 MB as a JPEG. */
async function makePhotos(
  folder: string,
  { photoCount, width, height }: Size,
): Promise<{ paths: string[]; bytes: number }> {
  await mkdir(folder);
  const paths: string[] = [];
  let bytes = 0;
  for (let index = 0; index < photoCount; index += 1) {
    const raw = { width, height, channels: 3 } as const;
    const path = join(folder, `${index}.jpg`);
    const jpeg = await sharp(randomBytes(width * height * 3), { raw })
      .jpeg({ quality: 92, chromaSubsampling: '4:4:4' })
      .toBuffer();
    await writeFile(path, jpeg);
    bytes += (await stat(path)).size;
    paths.push(path);
  }
  return { paths, bytes: bytes / photoCount };
}

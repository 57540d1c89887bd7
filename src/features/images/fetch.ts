import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Context } from '../../context.ts';
import { FalError } from '../../fal/errors.ts';
import type { GenerationWarning, StoredImage } from '../../platform/db/schema.ts';
import { withScratch } from '../../platform/storage/scratch.ts';
import { decodeInTurn } from './decoding.ts';
import { keep } from './keep.ts';
import { look, type Seen, type Unusable } from './look.ts';
import { xmpPacket } from './xmp.ts';

export type Wanted = {
  generationId: string;
  /** As fal names them, at most four. Those that its safety checker has flagged are not fetched. */
  images: readonly { url: string; flagged: boolean }[];
  /** What was asked for, in pixels. */
  width: number;
  height: number;
  sandbox: boolean;
};
export type Fetched = { images: StoredImage[]; warnings: GenerationWarning[] };
type Needs = Pick<Context, 'fal' | 'storage' | 'config'>;

/** What became of one image; `late` may still be had. */
type Outcome =
  | { kind: 'seen'; bytes: Buffer; sha256: string; seen: Seen }
  | { kind: 'flagged'; seen: Seen | null }
  | { kind: 'late'; error: FalError }
  | { kind: 'unusable'; error: FalError };

/** Milliseconds to wait for images that can't be fetched when others of the generation were. */
const patienceMs = [1000, 4000, 10_000, 30_000];

/**
 * Downloads the images of a generation, looks at them, takes what they bear beside their pixels, marks them as made by a
 * model, and stores them with thumbnails. A second run overwrites what the first has stored.
 * @param isAwaited whether the generation still waits for them
 * @returns a row for each image, of which one is `ok` or all are `flagged`; what fell short of what was asked, for people
 * @throws FalError when no image can be used: permanent, or temporary when one may still be had; StorageError
 */
export async function fetchImages(
  context: Needs,
  wanted: Wanted,
  isAwaited: () => Promise<boolean>,
  signal: AbortSignal,
  waitsMs: readonly number[] = patienceMs,
): Promise<Fetched> {
  return withScratch('artifacts', async (folder) => {
    const xmp = xmpPacket(wanted);
    const outcomes = await patiently(wanted, waitsMs, signal, (index) =>
      fetchOne(context, wanted, { index, folder, xmp }, signal),
    );
    refuseUseless(outcomes);
    // What is stored before the avatar's deletion is deleted with it; a check here covers what is stored during it.
    if (!(await isAwaited())) throw new FalError('aborted', 'Nobody waits for the images any more.');
    const images: StoredImage[] = [];
    for (const [index, outcome] of outcomes.entries()) {
      images.push(
        outcome.kind === 'seen'
          ? await keep(context, { id: wanted.generationId, index, folder, xmp }, outcome)
          : withoutFile(index, outcome),
      );
    }
    return { images, warnings: warningsOf(wanted, outcomes) };
  });
}

/** Tries again what may still be had, as long as another image is worth having alone. */
async function patiently(
  { images }: Wanted,
  waitsMs: readonly number[],
  signal: AbortSignal,
  fetchAt: (index: number) => Promise<Outcome>,
): Promise<Outcome[]> {
  const outcomes = await Promise.all(images.map((_, index) => fetchAt(index)));
  for (const ms of waitsMs) {
    const late = outcomes.flatMap(({ kind }, index) => (kind === 'late' ? [index] : []));
    if (late.length === 0 || !outcomes.some(({ kind }) => kind === 'seen')) break;
    await delay(ms, null, { signal });
    for (const [place, outcome] of (await Promise.all(late.map(fetchAt))).entries()) {
      outcomes[late[place] ?? 0] = outcome;
    }
  }
  return outcomes;
}

async function fetchOne(
  { fal, config }: Needs,
  { images, generationId }: Wanted,
  { index, folder, xmp }: { index: number; folder: string; xmp: string },
  signal: AbortSignal,
): Promise<Outcome> {
  const image = images[index];
  if (!image || image.flagged) return { kind: 'flagged', seen: null };
  const path = join(folder, String(index));
  try {
    const { sha256 } = await fal.download(image.url, { path, maxBytes: config.fal.maxImageBytes }, signal);
    const bytes = await readFile(path);
    const seen = await decodeInTurn(`${generationId} ${index}`, () => look(bytes, xmp), signal);
    if ('unusable' in seen) return { kind: 'unusable', error: invalid(seen) };
    return seen.isBlack ? { kind: 'flagged', seen } : { kind: 'seen', bytes, sha256, seen };
  } catch (error) {
    if (!(error instanceof FalError) || error.code === 'aborted') throw error;
    const isLate = error.code === 'unavailable' || error.code === 'gone';
    return { kind: isLate ? 'late' : 'unusable', error };
  }
}

function invalid({ unusable }: Unusable): FalError {
  return new FalError('invalid_answer', `What fal made ${unusable}.`);
}

/** One that may still be had decides, then one that never can; flagged ones alone are an answer. */
function refuseUseless(outcomes: readonly Outcome[]): void {
  if (outcomes.some(({ kind }) => kind === 'seen')) return;
  const errors = outcomes.flatMap((outcome) => ('error' in outcome ? [outcome.error] : []));
  const worst = (['unavailable', 'gone'] as const)
    .flatMap((code) => errors.find((error) => error.code === code) ?? [])
    .concat(errors)[0];
  if (worst) throw worst;
}

function withoutFile(index: number, { kind, ...outcome }: Exclude<Outcome, { kind: 'seen' }>): StoredImage {
  const seen = 'seen' in outcome ? outcome.seen : null;
  return {
    index,
    status: kind === 'flagged' ? 'flagged' : 'lost',
    width: seen?.width ?? null,
    height: seen?.height ?? null,
    content_type: null,
    size: null,
    sha256: null,
    source_sha256: null,
    storage_key: null,
    thumbnail_key: null,
  };
}

function warningsOf({ width, height }: Wanted, outcomes: readonly Outcome[]): GenerationWarning[] {
  const first = new Map<string, number>();
  return outcomes.flatMap((outcome, index) => {
    if ('error' in outcome) return { code: 'image-lost', detail: `Image ${index} is lost: ${outcome.error.message}` };
    if (outcome.kind !== 'seen') return [];
    const { seen, sha256 } = outcome;
    const size = {
      code: 'other-size',
      detail: `Image ${index} is ${seen.width}×${seen.height}, not ${width}×${height}.`,
    };
    const twin = first.get(sha256);
    if (twin === undefined) first.set(sha256, index);
    return [
      ...(seen.width === width && seen.height === height ? [] : [size]),
      ...(twin === undefined
        ? []
        : [{ code: 'same-image', detail: `Image ${index} is the same file as image ${twin}.` }]),
    ];
  });
}

import type { Context } from './context.ts';
import type { FaultRule } from './faults.ts';
import { type ImageRequest, readRequest } from './image-request.ts';
import { inlineImages, publishImages } from './images.ts';
import type { Generated, Job, LogLine, Picture, PictureLora, Plan } from './job.ts';
import type { Json, JsonObject } from './json.ts';
import { expiryOf } from './lifetime.ts';
import { type LoadedLora, loadLoras } from './image-loras.ts';
import type { Model } from './models/model.ts';
import { modelErrorOutcome, successOutcome } from './outcomes.ts';
import { ended, steppedPlan } from './plan.ts';
import { denoisingLines } from './progress-log.ts';

/** More than a runner's memory allows; fal's own limit is not documented. */
const mostPixels = 4096 * 4096;
const megapixel = 1024 * 1024;
const unsafeWord = 'sandbox-nsfw';

/** Plans the run of an image model. @throws Refusal for a LoRA that cannot be fetched or is invalid */
export async function planImages(context: Context, job: Job, model: Model, values: JsonObject): Promise<Plan> {
  const request = readRequest(context, job, model, values);
  const { width, height, count, steps } = request;
  if (width * height > mostPixels) {
    const msg = 'CUDA out of memory';
    return ended(
      3,
      ['Loading the model'],
      modelErrorOutcome(500, [{ loc: ['body'], msg, type: 'internal_server_error' }]),
    );
  }
  const loaded = await loadLoras(context, job, model, request);
  const images = imagesOf(request, loaded, job.faults.job);
  const inline = request.inline ? await inlineImages(images.map(({ picture }) => picture)) : null;
  const seconds = Math.max(0.01, context.settings.image_seconds * count);
  return steppedPlan(job, {
    steps,
    rate: steps / seconds,
    before: linesBefore(context, loaded),
    progress: (offset) => denoisingLines({ steps, rate: steps / seconds, offset }),
    closing: { seconds: 0.1, message: `Made ${images.length} images of ${width}x${height}` },
    outcome: () => {
      const addresses = inline ?? publish(context, job, images);
      const units = count * Math.ceil((width * height) / megapixel);
      return successOutcome(resultOf(request, images, addresses, seconds, job.faults.job), units);
    },
  });
}

interface PlannedImage {
  picture: Picture;
  flagged: boolean;
}

/** The images of a result, shaped by its job's fault. */
function imagesOf(request: ImageRequest, loras: readonly PictureLora[], rule: FaultRule | null): PlannedImage[] {
  const { prompt, width, height, steps, guidance, format, count } = request;
  const strikes = (fault: string, index: number): boolean =>
    rule?.fault === fault && (rule.images?.includes(index) ?? true);
  const unsafe = prompt.toLowerCase().includes(unsafeWord);
  const common = { format, prompt, seed: String(request.seed), steps, guidance };
  const planned = Array.from({ length: count }, (_, index): PlannedImage => {
    const flagged = request.checked && (unsafe || strikes('nsfw', index));
    const black = flagged || strikes('black', index);
    const size = strikes('wrong_size', index) ? { width: half(width), height: half(height) } : { width, height };
    const picture: Picture = {
      ...common,
      ...size,
      look: black ? 'black' : strikes('not_an_image', index) ? 'no-image' : 'face',
      index: strikes('same_images', index) ? 0 : index,
      loras: loras.map(({ sha256, scale, own, trigger }) => ({ sha256, scale, own, trigger })),
    };
    return { picture, flagged };
  });
  if (rule?.fault === 'no_images') return [];
  const missing = rule?.fault === 'fewer_images' ? (rule.images ?? [count - 1]) : [];
  return planned.filter((_, index) => !missing.includes(index));
}

const half = (side: number): number => Math.max(16, Math.floor(side / 32) * 16);

function publish(context: Context, job: Job, images: readonly PlannedImage[]): string[] {
  const pictures = images.map(({ picture }) => picture);
  const expiresAt = expiryOf(job.headers, context.clock.now());
  const generated: Generated = { jobId: job.id, pictures, expiresAt };
  context.journal.note({ kind: 'generated', generated });
  return publishImages(context, generated);
}

function resultOf(
  { prompt, seed, width, height, format }: ImageRequest,
  images: readonly PlannedImage[],
  addresses: readonly string[],
  seconds: number,
  rule: FaultRule | null,
): Json {
  const unsaid = rule?.fault === 'null_fields';
  const told = unsaid
    ? { width: null, height: null, content_type: null }
    : { width, height, content_type: `image/${format}` };
  return {
    images: addresses.map((url) => ({ url, ...told })),
    timings: unsaid ? null : { inference: seconds },
    seed,
    has_nsfw_concepts: unsaid ? null : images.map(({ flagged }) => flagged),
    prompt,
  };
}

function linesBefore({ settings }: Context, loras: readonly LoadedLora[]): LogLine[] {
  let at = 0.2;
  const lines: LogLine[] = [];
  for (const [index, { sha256, cold }] of loras.entries()) {
    const where = cold ? 'downloading' : 'held by this runner';
    const message = `Loading LoRA ${index + 1}/${loras.length} ${sha256.slice(0, 8)}: ${where}`;
    lines.push({ at, message, level: 'STDOUT' });
    if (cold) at += settings.lora_seconds;
  }
  return [...lines, { at, message: 'Loaded FLUX.1 [dev], starting inference', level: 'STDOUT' }];
}

import type { Context } from './context.ts';
import { fetchFile, NotFetched } from './fetched-file.ts';
import type { ImageRequest } from './image-request.ts';
import type { Job, PictureLora } from './job.ts';
import { type Lora, NoLora, readLora } from './lora-header.ts';
import type { Model } from './models/model.ts';
import { Refusal } from './outcomes.ts';

export interface LoadedLora extends PictureLora {
  /** Whether it was fetched for this job. */
  cold: boolean;
}

/** Loads the LoRAs of a job. @throws Refusal for one that cannot be fetched, is invalid, or belongs to another model */
export async function loadLoras(
  context: Context,
  job: Job,
  model: Model,
  { loras }: ImageRequest,
): Promise<LoadedLora[]> {
  const loaded: LoadedLora[] = [];
  for (const [index, { path, scale }] of loras.entries()) {
    const place = ['body', 'loras', index, 'path'];
    const { lora, cold } = await context.loras
      .load(path, () => fetchLora(context, path))
      .catch((error: unknown) => {
        if (error instanceof NotFetched) throw error.refusal(place, path);
        throw error instanceof NoLora ? unusable(place, path, error.message) : error;
      });
    const fault =
      unfitFor(lora, model) ?? (job.faults.job?.fault === 'lora_unreadable' ? 'its keys are unknown' : null);
    if (fault !== null) throw unusable(place, path, fault);
    const { sandbox, trigger_phrase: trigger } = lora.metadata;
    loaded.push({ sha256: lora.sha256, scale, own: sandbox === 'true', trigger: trigger || null, cold });
  }
  return loaded;
}

/** Only the sandbox's own LoRAs name their model. */
function unfitFor({ metadata: { sandbox, base } }: Lora, model: Model): string | null {
  return sandbox === 'true' && base !== undefined && base !== model.base ? `it was trained for ${base}` : null;
}

function unusable(loc: readonly (string | number)[], path: string, reason: string): Refusal {
  return new Refusal([
    { loc, msg: `Value error, could not load the LoRA: ${reason}`, type: 'value_error', input: path },
  ]);
}

async function fetchLora(context: Context, address: string): Promise<Lora> {
  const file = await fetchFile(context, address);
  try {
    return await readLora(file.path);
  } finally {
    await file.release();
  }
}

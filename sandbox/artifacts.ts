import type { Context } from './context.ts';
import type { StoredFile } from './files.ts';
import type { Job } from './job.ts';
import type { Json, JsonObject } from './json.ts';
import { loraFile } from './lora.ts';
import { wideSeed } from './random.ts';

interface Trained {
  job: Job;
  values: JsonObject;
  steps: number;
  seed: string;
  images: number;
}

/** Puts LoRA and config up for download and gives the body of the result. */
export function publishArtifacts(context: Context, { job, values, steps, seed, images }: Trained): Json {
  const made = { endpoint: job.app, steps: String(steps), images: String(images) };
  const config = configFile(job, values, steps, images);
  const lora = context.files.addArtifact({
    id: `${job.id.replaceAll('-', '').slice(0, 20)}L`,
    name: 'pytorch_lora_weights.safetensors',
    contentType: 'application/octet-stream',
    bytes: () => loraFile(seed, made),
  });
  const settings = context.files.addArtifact({
    id: `${job.id.replaceAll('-', '').slice(0, 20)}C`,
    name: 'config.json',
    contentType: 'application/octet-stream',
    bytes: () => config,
  });
  const { file_fields: fields } = context.settings;
  return {
    diffusers_lora_file: fileObject(lora, 'pytorch_lora_weights.safetensors', fields === 'filled'),
    config_file: fileObject(settings, 'config.json', fields !== 'null'),
    ...(job.app === 'fal-ai/flux-lora-fast-training' && { debug_preprocessed_output: null }),
    ...(context.settings.seed_in_payload && { seed: wideSeed(job.id) }),
  };
}

function configFile(job: Job, values: JsonObject, steps: number, images: number): Buffer {
  const config = { sandbox: true, request_id: job.id, endpoint: job.app, ...values, steps, images };
  return Buffer.from(`${JSON.stringify(config, null, 2)}\n`);
}

/** A File of fal: every field besides url may be null (fal contract §2.1). */
function fileObject(file: StoredFile, name: string, filled: boolean): Json {
  return {
    url: file.url,
    content_type: filled ? file.contentType : null,
    file_name: filled ? name : null,
    file_size: filled ? file.size : null,
  };
}

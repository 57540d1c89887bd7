import type { Context } from './context.ts';
import type { StoredFile } from './stored-file.ts';
import type { Trained } from './job.ts';
import { type Json, stringOf } from './json.ts';
import { loraFile } from './lora.ts';
import { wideSeed } from './random.ts';

/** Publishes LoRA and config for download and returns the body of the result. */
export function publishArtifacts(context: Context, trained: Trained): Json {
  const { jobId, endpoint, seed } = trained;
  // A journal of an earlier version says nothing of it.
  const expiresAt = trained.expiresAt ?? null;
  const config = configFile(trained);
  const id = jobId.replaceAll('-', '').slice(0, 20);
  const lora = context.files.addArtifact({
    id: `${id}L`,
    name: 'pytorch_lora_weights.safetensors',
    contentType: 'application/octet-stream',
    expiresAt,
    bytes: () => loraFile(seed, metadataOf(trained)),
  });
  const settings = context.files.addArtifact({
    id: `${id}C`,
    name: 'config.json',
    contentType: 'application/octet-stream',
    expiresAt,
    bytes: () => config,
  });
  const { file_fields: fields } = context.settings;
  return {
    diffusers_lora_file: fileObject(lora, 'pytorch_lora_weights.safetensors', fields === 'filled'),
    config_file: fileObject(settings, 'config.json', fields !== 'null'),
    ...(endpoint === 'fal-ai/flux-lora-fast-training' && { debug_preprocessed_output: null }),
    ...(context.settings.seed_in_payload && { seed: wideSeed(jobId) }),
  };
}

/** What the LoRA says of itself: its trainer, and the phrase that it was taught, under whichever name the trainer takes it. */
function metadataOf({ endpoint, values, steps, images }: Trained): Record<string, string> {
  const phrase = stringOf(values, 'trigger_phrase') ?? stringOf(values, 'trigger_word');
  const made = { trainer: endpoint, base: 'flux1-dev', steps: String(steps), images: String(images) };
  return { ...made, ...(phrase && { trigger_phrase: phrase }) };
}

function configFile({ jobId, endpoint, values, steps, images }: Trained): Buffer {
  const config = { sandbox: true, request_id: jobId, endpoint, ...values, steps, images };
  return Buffer.from(`${JSON.stringify(config, null, 2)}\n`);
}

/** A File of fal: every member but url may be null (fal contract §2.1). */
function fileObject(file: StoredFile, name: string, filled: boolean): Json {
  return {
    url: file.url,
    content_type: filled ? file.contentType : null,
    file_name: filled ? name : null,
    file_size: filled ? file.size : null,
  };
}

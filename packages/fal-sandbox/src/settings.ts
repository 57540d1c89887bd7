/** Behaviour that is configurable at fal, observed to vary, or guessed (fal contract [G]). */
export interface Settings {
  /** Jobs that may be IN_PROGRESS at once; others wait IN_QUEUE. */
  concurrency: number;
  /** Minimum seconds in the queue. */
  queue_seconds: number;
  /** Factor on the training speed of every trainer; 1 is about 6 iterations a second. */
  training_rate: number;
  /** Results are kept for 30 days when on, else for the times below; off for a submission with X-Fal-Store-IO: 0. */
  payload_storage: boolean;
  result_seconds: number;
  large_result_seconds: number;
  /** Adds a uint64 above 2^53 to every result. */
  seed_in_payload: boolean;
  /**
   * Members of File besides url: as captured (null for the LoRA, filled for the config), always null, or always filled.
   */
  file_fields: 'captured' | 'null' | 'filled';
  /** A cancellation ends the job as client_cancelled, makes it unknown (404, no webhook), or has no effect. */
  cancel: 'completes' | 'vanishes' | 'ignored';
  /** The response to cancelling a queued job: 202 CANCELLATION_REQUESTED or 200 OK. */
  cancel_queued_answer: 202 | 200;
  /** `error` in the status of a failed job: the detail's message, or "Invalid status code: N". */
  status_error: 'detail' | 'status_code';
  /** GET /v1/models/requests/by-endpoint: whether it answers, which jobs it lists, and its lag in seconds. */
  search: 'on' | 'off';
  search_lists: 'ended' | 'started' | 'all';
  search_delay_seconds: number;
  /** The clock of reported times (webhook headers, logs, search): the machine's, or the sandbox's. */
  timestamps: 'wall' | 'sandbox';
  /** Minimum real milliseconds for a webhook receiver to answer when the clock is faster than 1. */
  webhook_timeout_floor_ms: number;
  /** Lifetime of a CDN token, as used by fal's Python client, by the machine's clock. */
  cdn_token_seconds: number;
  /** Images with a shorter side below this are refused as image_too_small. */
  minimum_side: number;
  /** Decode every image of an archive, or only its header. */
  decode_images: boolean;
  /** Seconds that one image takes, and the first use of a LoRA's address. */
  image_seconds: number;
  lora_seconds: number;
  /** LoRAs are kept by their whole address and not asked for again, or fetched for each run. */
  lora_cache: 'url' | 'none';
  /** What a megapixel of an image costs. */
  megapixel_usd: number;
}

export const defaultSettings: Readonly<Settings> = {
  concurrency: 2,
  queue_seconds: 3,
  training_rate: 1,
  payload_storage: true,
  result_seconds: 3600,
  large_result_seconds: 360,
  seed_in_payload: true,
  file_fields: 'captured',
  cancel: 'completes',
  cancel_queued_answer: 202,
  status_error: 'detail',
  search: 'on',
  search_lists: 'ended',
  search_delay_seconds: 0,
  timestamps: 'wall',
  webhook_timeout_floor_ms: 5000,
  cdn_token_seconds: 2_592_000,
  minimum_side: 128,
  decode_images: true,
  image_seconds: 4,
  lora_seconds: 8,
  lora_cache: 'url',
  megapixel_usd: 0.035,
};

const choices: Partial<Record<keyof Settings, readonly unknown[]>> = {
  file_fields: ['captured', 'null', 'filled'],
  cancel: ['completes', 'vanishes', 'ignored'],
  cancel_queued_answer: [202, 200],
  status_error: ['detail', 'status_code'],
  search: ['on', 'off'],
  search_lists: ['ended', 'started', 'all'],
  timestamps: ['wall', 'sandbox'],
  lora_cache: ['url', 'none'],
};

/** Parses settings from HTTP or the environment. @throws a sentence that names the setting and its allowed values */
export function parseSettings(value: unknown): Partial<Settings> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('settings must be an object');
  for (const [name, given] of Object.entries(value)) {
    if (!Object.hasOwn(defaultSettings, name)) throw new Error(`unknown setting "${name}"`);
    // Checked by the line above.
    const key = name as keyof Settings;
    const allowed = choices[key];
    if (allowed) {
      if (!allowed.includes(given)) throw new Error(`setting "${name}" takes one of ${allowed.join(', ')}`);
    } else if (typeof given !== typeof defaultSettings[key] || (typeof given === 'number' && !(given >= 0))) {
      const kind = typeof defaultSettings[key] === 'number' ? 'a number of at least 0' : 'true or false';
      throw new Error(`setting "${name}" takes ${kind}`);
    }
  }
  return value;
}

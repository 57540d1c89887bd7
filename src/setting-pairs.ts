type Durations =
  | 'BLOCKED_MAX_SECONDS'
  | 'BLOCKED_RETRY_SECONDS'
  | 'EVENT_RETENTION_DAYS'
  | 'FAL_ARCHIVE_EXPIRY_SECONDS'
  | 'FAL_IMAGE_EXPIRY_SECONDS'
  | 'FAL_START_TIMEOUT_SECONDS'
  | 'FAL_WEBHOOK_RETENTION_DAYS'
  | 'GENERATION_BLOCKED_MAX_SECONDS'
  | 'GENERATION_DEADLINE_SECONDS'
  | 'GENERATION_POLL_FIRST_SECONDS'
  | 'GENERATION_START_TIMEOUT_SECONDS'
  | 'GENERATION_UNRESOLVED_MAX_SECONDS'
  | 'LORA_EXPIRY_SECONDS'
  | 'POLL_FIRST_SECONDS'
  | 'RETENTION_INTERVAL_SECONDS'
  | 'UNRESOLVED_MAX_SECONDS'
  | 'WEBHOOK_GIVE_UP_SECONDS'
  | 'WEBHOOK_RETRY_FIRST_SECONDS'
  | 'WEBHOOK_RETRY_LONGEST_SECONDS';

type Given = Record<Durations, number> & {
  FAL_MODE?: string;
  FAL_BASE_URL?: string;
  PUBLIC_URL?: string;
  LORA_LINKS: 'upload' | 'signed';
};

const daySeconds = 86_400;

/** Settings of which the first has to be below the second, and what happens otherwise. */
const orders: readonly (readonly [lower: Durations, upper: Durations, otherwise: string])[] = [
  ['FAL_START_TIMEOUT_SECONDS', 'FAL_ARCHIVE_EXPIRY_SECONDS', 'fal would start jobs whose photos are gone'],
  ['POLL_FIRST_SECONDS', 'UNRESOLVED_MAX_SECONDS', 'a submission would fail before fal is first asked about it'],
  ['BLOCKED_RETRY_SECONDS', 'BLOCKED_MAX_SECONDS', 'a training would fail before it is tried again'],
  [
    'GENERATION_DEADLINE_SECONDS',
    'FAL_IMAGE_EXPIRY_SECONDS',
    'images would be gone before their generation has to end',
  ],
  [
    'GENERATION_POLL_FIRST_SECONDS',
    'GENERATION_DEADLINE_SECONDS',
    'a generation would end before fal is asked about it',
  ],
  [
    'GENERATION_POLL_FIRST_SECONDS',
    'GENERATION_UNRESOLVED_MAX_SECONDS',
    'a submission would fail before fal is first asked about it',
  ],
  ['BLOCKED_RETRY_SECONDS', 'GENERATION_BLOCKED_MAX_SECONDS', 'a generation would fail before it is tried again'],
  ['WEBHOOK_RETRY_FIRST_SECONDS', 'WEBHOOK_RETRY_LONGEST_SECONDS', 'the first gap would be longer than the longest'],
  ['WEBHOOK_RETRY_FIRST_SECONDS', 'WEBHOOK_GIVE_UP_SECONDS', 'no delivery would have a second attempt'],
  ['WEBHOOK_GIVE_UP_SECONDS', 'EVENT_RETENTION_DAYS', 'an event would be deleted while it is still to be delivered'],
  ['RETENTION_INTERVAL_SECONDS', 'FAL_WEBHOOK_RETENTION_DAYS', 'webhooks would be kept longer than that'],
];

/** @returns a sentence with both names for each pair of settings that contradict each other */
export function findContradictions(settings: Given): string[] {
  const broken = orders
    .filter(([lower, upper]) => secondsOf(settings, lower) > secondsOf(settings, upper))
    .map(([lower, upper, otherwise]) => `${lower} is more than ${upper}: ${otherwise}.`);
  return [...broken, ...loraFaults(settings), ...addressFaults(settings)];
}

/** fal fetches a LoRA when it starts the job, and retries for a while. @returns seconds for which its address has to live */
export function loraSeconds(settings: Pick<Given, 'GENERATION_START_TIMEOUT_SECONDS'>): number {
  return settings.GENERATION_START_TIMEOUT_SECONDS + 3600;
}

function loraFaults(settings: Given): string[] {
  if (settings.LORA_LINKS === 'signed' || settings.LORA_EXPIRY_SECONDS >= loraSeconds(settings)) return [];
  return [
    'LORA_EXPIRY_SECONDS is not an hour more than GENERATION_START_TIMEOUT_SECONDS: fal would start jobs whose LoRA is gone.',
  ];
}

function addressFaults({ FAL_MODE: mode, FAL_BASE_URL: base, PUBLIC_URL: own }: Given): string[] {
  if (base === undefined) return [];
  const { origin, hostname } = new URL(base);
  if (own !== undefined && new URL(own).origin === origin) {
    return ['FAL_BASE_URL and PUBLIC_URL name one server: the service would call itself in the place of fal.'];
  }
  return mode === 'sandbox' && /(^|\.)fal\.(ai|run)$/.test(hostname)
    ? ['FAL_BASE_URL names fal itself, and FAL_MODE is sandbox: name a sandbox, or say FAL_MODE=live.']
    : [];
}

function secondsOf(settings: Given, name: Durations): number {
  return name.endsWith('_DAYS') ? settings[name] * daySeconds : settings[name];
}

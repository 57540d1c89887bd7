import envSchema from 'env-schema';
import { type Static, type TSchema, Type } from 'typebox';
import type { FalMode } from './platform/db/schema.ts';
import { BootError } from './errors.ts';
import { findNameNotices, variableOf } from './setting-names.ts';
import { findContradictions, loraSeconds } from './setting-pairs.ts';
import { findValueFaults, isPrivateHost, readOrigins, readProxies } from './setting-values.ts';

// Within the range of Node's timers and PostgreSQL's limits; longer timers would fire at once.
const longestSeconds = 2_147_483;
const tenYears = 315_360_000;

/**
 * Every setting of the service; `npm run docs` writes docs/settings.md and .env.example from it. Text is converted to
 * numbers and booleans only here.
 */
export const Settings = Type.Object({
  NODE_ENV: Type.Optional(Type.String({ description: '`production` forbids every convenience of development.' })),
  DATABASE_URL: Type.Optional(
    Type.String({
      description:
        'PostgreSQL 15 to 18, as postgresql://user:password@host:port/database, with sslmode, sslrootcert or host=/folder behind it (docs/database.md).',
    }),
  ),
  DATABASE_POOL_MAX: Type.Integer({
    default: 10,
    minimum: 2,
    maximum: 200,
    description: 'Most database connections of each process.',
  }),
  DATABASE_TIMEOUT_SECONDS: Type.Number({
    default: 10,
    minimum: 0.001,
    maximum: longestSeconds,
    description: 'Most seconds for one SQL statement; then its request is answered 503 or its job is retried.',
  }),
  STORAGE_URL: Type.Optional(
    Type.String({
      description:
        'Object store of photos and artifacts: file:///var/lib/likeness or s3://bucket/prefix?endpoint=…&region=….',
    }),
  ),
  STORAGE_TIMEOUT_SECONDS: Type.Number({
    default: 15,
    minimum: 0.001,
    maximum: longestSeconds,
    description: 'Most seconds to wait for the object store; then the request is answered 503 or the job is retried.',
  }),
  PUBLIC_URL: Type.Optional(
    Type.String({
      description: 'URL under which fal and clients reach the service: https://HOST, without a path.',
    }),
  ),
  HOST: Type.String({ default: '127.0.0.1', minLength: 1, description: 'Address to listen on.' }),
  PORT: Type.Integer({
    default: 8787,
    minimum: 0,
    maximum: 65535,
    description: 'Port to listen on; 0 for any free port.',
  }),
  TRUSTED_PROXIES: Type.String({
    default: '',
    description:
      'Addresses and networks (10.0.0.0/8) of proxies whose X-Forwarded-For is trusted, comma separated; empty for none.',
  }),
  LOG_LEVEL: Type.Union(
    ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'].map((level) => Type.Literal(level)),
    { default: 'info', description: 'Least severe level that is logged.' },
  ),
  CORS_ORIGINS: Type.String({
    default: '',
    description: 'Browser origins that may call the API (CORS), comma separated, or * for all; empty for none.',
  }),
  FAL_MODE: Type.Optional(
    Type.Union([Type.Literal('live'), Type.Literal('sandbox')], {
      description: '`live` calls fal and pays; `sandbox` calls the sandbox. It has no default.',
    }),
  ),
  FAL_KEY: Type.Optional(
    Type.String({
      pattern: '^[\\w.~+/=-]+:[\\w.~+/=-]+$',
      description: 'Key of the fal account, as key_id:key_secret; required with FAL_MODE=live.',
    }),
  ),
  FAL_BASE_URL: Type.Optional(
    Type.String({
      description:
        'URL of the sandbox or of a proxy before fal: https://HOST/PATH of fal becomes FAL_BASE_URL/HOST/PATH. Required with FAL_MODE=sandbox.',
    }),
  ),
  FAL_USER_ID: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      description:
        'Id of the fal account whose webhooks are accepted; when unset, it is learned from the first webhook with a valid token.',
    }),
  ),
  FAL_TIMEOUT_SECONDS: Type.Number({
    default: 30,
    exclusiveMinimum: 0,
    maximum: longestSeconds,
    description: 'Most seconds for one call to fal.',
  }),
  FAL_START_TIMEOUT_SECONDS: Type.Number({
    default: 3600,
    minimum: 2,
    maximum: longestSeconds,
    description: 'Seconds after which fal gives up a job that still waits in the queue of fal.',
  }),
  FAL_ARCHIVE_EXPIRY_SECONDS: Type.Integer({
    default: 604_800,
    minimum: 60,
    maximum: tenYears,
    description: 'Seconds for which fal keeps an uploaded archive of photos.',
  }),
  FAL_TRAINING_OUTPUT_EXPIRY_SECONDS: Type.Integer({
    default: 604_800,
    minimum: 3600,
    maximum: tenYears,
    description: 'Seconds for which fal is asked to keep what a training made; it is fetched within them.',
  }),
  FAL_IMAGE_EXPIRY_SECONDS: Type.Integer({
    default: 86_400,
    minimum: 60,
    maximum: tenYears,
    description: 'Seconds for which fal is asked to keep the images of a generation; they are fetched within them.',
  }),
  FAL_CONCURRENCY: Type.Optional(
    Type.Integer({
      minimum: 1,
      description:
        'Jobs that the fal account runs at once (two for a new account): no more are sent. With 2 or more, trainings leave one place to generations; with 1, both take turns. Unset: no bound.',
    }),
  ),
  LORA_LINKS: Type.Union([Type.Literal('upload'), Type.Literal('signed')], {
    default: 'upload',
    description:
      'How fal gets a LoRA: `upload`, from its own storage, to which our copy is uploaded when need be; `signed`, from this service by a signed link.',
  }),
  LORA_EXPIRY_SECONDS: Type.Integer({
    default: 2_592_000,
    minimum: 60,
    maximum: tenYears,
    description: 'Seconds for which fal keeps an uploaded LoRA.',
  }),
  POLL_FIRST_SECONDS: Type.Number({
    default: 15,
    exclusiveMinimum: 0,
    maximum: longestSeconds,
    description: 'Seconds from the submission of a training to the first poll of its status at fal.',
  }),
  POLL_SECONDS: Type.Number({
    default: 60,
    exclusiveMinimum: 0,
    maximum: longestSeconds,
    description: 'Seconds between further polls of a training at fal.',
  }),
  CHECK_INTERVAL_SECONDS: Type.Number({
    default: 1,
    exclusiveMinimum: 0,
    maximum: longestSeconds,
    description:
      'Seconds between searches of a worker for due work that no wake-up announced: polls, deadlines, jobs, inbox, events.',
  }),
  MAX_TRAININGS: Type.Integer({
    default: 20,
    minimum: 1,
    description: 'Most trainings at fal at once; further ones wait in the queue.',
  }),
  MAX_TRAININGS_PER_USER: Type.Integer({
    default: 3,
    minimum: 1,
    description: 'Most trainings of one user at fal at once; further ones wait in the queue, and users take turns.',
  }),
  MAX_GENERATIONS: Type.Integer({
    default: 8,
    minimum: 1,
    description: 'Most generations at fal at once; further ones wait in the queue.',
  }),
  MAX_GENERATIONS_PER_USER: Type.Integer({
    default: 2,
    minimum: 1,
    description: 'Most generations of one user at fal at once; further ones wait in the queue, and users take turns.',
  }),
  GENERATION_POLL_FIRST_SECONDS: Type.Number({
    default: 4,
    exclusiveMinimum: 0,
    maximum: longestSeconds,
    description: 'Seconds from the submission of a generation to the first poll of its status at fal.',
  }),
  GENERATION_POLL_SECONDS: Type.Number({
    default: 10,
    exclusiveMinimum: 0,
    maximum: longestSeconds,
    description: 'Seconds between further polls of a generation at fal.',
  }),
  GENERATION_START_TIMEOUT_SECONDS: Type.Number({
    default: 900,
    minimum: 2,
    maximum: longestSeconds,
    description: 'Seconds after which fal gives up a generation that still waits in the queue of fal.',
  }),
  GENERATION_DEADLINE_SECONDS: Type.Number({
    default: 600,
    exclusiveMinimum: 0,
    maximum: tenYears,
    description: 'Most seconds for a generation at fal, from its start.',
  }),
  GENERATION_BLOCKED_MAX_SECONDS: Type.Number({
    default: 1800,
    exclusiveMinimum: 0,
    maximum: tenYears,
    description: 'Most seconds that a generation waits for its turn and for fal to accept it; then it fails, unpaid.',
  }),
  GENERATION_UNRESOLVED_MAX_SECONDS: Type.Number({
    default: 900,
    exclusiveMinimum: 0,
    maximum: tenYears,
    description: 'Seconds after which the submission of a generation whose outcome is unknown fails.',
  }),
  BLOCKED_RETRY_SECONDS: Type.Number({
    default: 60,
    exclusiveMinimum: 0,
    maximum: longestSeconds,
    description:
      'Seconds until a training that fal did not accept is submitted again; up to 15 times as long while fal keeps refusing.',
  }),
  BLOCKED_MAX_SECONDS: Type.Number({
    default: 86_400,
    exclusiveMinimum: 0,
    maximum: tenYears,
    description: 'Most seconds that a training waits for fal to accept it; then it fails, unpaid.',
  }),
  DEADLINE_SECONDS: Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      maximum: tenYears,
      description: 'Most seconds for a training at fal; replaces the limit that each trainer declares.',
    }),
  ),
  UNRESOLVED_MAX_SECONDS: Type.Number({
    default: 604_800,
    exclusiveMinimum: 0,
    maximum: tenYears,
    description: 'Seconds after which a submission of unknown outcome fails.',
  }),
  ARTIFACT_GONE_SECONDS: Type.Number({
    default: 3600,
    exclusiveMinimum: 0,
    maximum: tenYears,
    description:
      'Seconds for which an artifact is retried while its server answers that it is gone; then the training fails.',
  }),
  MAX_LORA_BYTES: Type.Integer({
    default: 2_147_483_648,
    minimum: 1,
    description: 'Size of the largest artifact that is fetched, in bytes.',
  }),
  MAX_IMAGE_BYTES: Type.Integer({
    default: 20_971_520,
    minimum: 1,
    description: 'Size of the largest image that is fetched, in bytes.',
  }),
  EVENT_RETENTION_DAYS: Type.Number({
    default: 90,
    minimum: 30,
    maximum: 36_500,
    description: 'Days for which events are kept.',
  }),
  FAL_WEBHOOK_RETENTION_DAYS: Type.Number({
    default: 30,
    minimum: 1,
    maximum: 36_500,
    description: 'Days for which webhooks of fal are kept after they were drained.',
  }),
  GENERATION_RETENTION_DAYS: Type.Optional(
    Type.Number({
      minimum: 1,
      maximum: 36_500,
      description:
        'Days for which prompts and images of generations are kept after their end, but for favourites. Unset: for good.',
    }),
  ),
  RETENTION_INTERVAL_SECONDS: Type.Number({
    default: 3600,
    exclusiveMinimum: 0,
    maximum: longestSeconds,
    description: 'Seconds between deletions of what has passed its retention.',
  }),
  EVENT_STREAM_HEARTBEAT_SECONDS: Type.Number({
    default: 15,
    exclusiveMinimum: 0,
    maximum: 60,
    description:
      'Seconds between heartbeats of an event stream; a stream that is not read for twice as long is closed.',
  }),
  EVENT_STREAM_BUFFER_BYTES: Type.Integer({
    default: 262_144,
    minimum: 1024,
    description: 'Most bytes that may wait for the reader of an event stream; beyond, the stream is ended.',
  }),
  EVENT_STREAMS_MAX: Type.Integer({
    default: 5000,
    minimum: 1,
    description: 'Most event streams at once on each instance.',
  }),
  EVENT_STREAMS_PER_CALLER: Type.Integer({
    default: 20,
    minimum: 1,
    description: 'Most event streams at once of one key or user on each instance; further ones are answered 429.',
  }),
  ALLOW_PRIVATE_WEBHOOKS: Type.Boolean({
    default: false,
    description: 'Allows webhook endpoints with http:// and at private addresses; set by the development commands.',
  }),
  WEBHOOK_TIMEOUT_SECONDS: Type.Number({
    default: 15,
    exclusiveMinimum: 0,
    maximum: longestSeconds,
    description: 'Most seconds for a webhook endpoint to answer.',
  }),
  WEBHOOK_CONCURRENCY: Type.Integer({
    default: 4,
    minimum: 1,
    maximum: 64,
    description:
      'Most requests at once from each worker to one webhook endpoint; one at a time while the endpoint fails.',
  }),
  WEBHOOK_RETRY_FIRST_SECONDS: Type.Number({
    default: 5,
    exclusiveMinimum: 0,
    maximum: longestSeconds,
    description: 'Seconds before the second attempt to deliver a webhook; each further gap is four times as long.',
  }),
  WEBHOOK_RETRY_LONGEST_SECONDS: Type.Number({
    default: 43_200,
    exclusiveMinimum: 0,
    maximum: longestSeconds,
    description:
      'Most seconds between two attempts to deliver a webhook, and the longest Retry-After that is respected.',
  }),
  WEBHOOK_GIVE_UP_SECONDS: Type.Number({
    default: 259_200,
    exclusiveMinimum: 0,
    maximum: tenYears,
    description: 'Seconds after which the delivery of a webhook fails for good.',
  }),
  WEBHOOK_DISABLE_AFTER_SECONDS: Type.Number({
    default: 432_000,
    exclusiveMinimum: 0,
    maximum: tenYears,
    description: 'Seconds of failures without a success after which a webhook endpoint is disabled.',
  }),
  WEBHOOK_SECRET_OVERLAP_SECONDS: Type.Number({
    default: 86_400,
    minimum: 0,
    maximum: tenYears,
    description: 'Seconds for which webhooks are signed with a replaced secret too.',
  }),
  RATE_LIMIT_PER_MINUTE: Type.Integer({
    default: 600,
    minimum: 1,
    description: 'Most requests a minute of one API key on each instance.',
  }),
  RATE_LIMIT_PER_USER_PER_MINUTE: Type.Integer({
    default: 300,
    minimum: 1,
    description: 'Most requests a minute of one user with user tokens on each instance.',
  }),
  MAX_AVATARS_PER_USER: Type.Integer({ default: 100, minimum: 1, description: 'Most avatars of one user.' }),
  MAX_PHOTOS_PER_USER: Type.Integer({
    default: 2000,
    minimum: 1,
    description: 'Most photos of one user, over all avatars.',
  }),
  MAX_PHOTO_BYTES_PER_USER: Type.Integer({
    default: 10_737_418_240,
    minimum: 1,
    description: 'Most bytes of the stored photos of one user, over all avatars.',
  }),
  MAX_IMAGES_PER_USER: Type.Integer({
    default: 5000,
    minimum: 1,
    description: 'Most stored images of one user, over all avatars; further generations are answered 409.',
  }),
  MAX_IMAGE_BYTES_PER_USER: Type.Integer({
    default: 5_368_709_120,
    minimum: 1,
    description: 'Most bytes of the stored images of one user, over all avatars; further generations are answered 409.',
  }),
  MAX_QUEUED_TRAININGS: Type.Integer({
    default: 1000,
    minimum: 1,
    description: 'Most trainings in the queue; further starts are answered 429 and cost nothing.',
  }),
  MAX_QUEUED_TRAININGS_PER_USER: Type.Integer({
    default: 20,
    minimum: 1,
    description: 'Most trainings of one user in the queue; further starts are answered 429 and cost nothing.',
  }),
  MAX_QUEUED_GENERATIONS: Type.Integer({
    default: 5000,
    minimum: 1,
    description: 'Most generations in the queue; further ones are answered 429 and cost nothing.',
  }),
  MAX_QUEUED_GENERATIONS_PER_USER: Type.Integer({
    default: 50,
    minimum: 1,
    description: 'Most generations of one user in the queue; further ones are answered 429 and cost nothing.',
  }),
  MAX_SUBMISSIONS_PER_USER_PER_DAY: Type.Integer({
    default: 100,
    minimum: 1,
    description:
      'Most submissions to fal for one user in 24 hours, trainings and generations together, cancelled and unknown ones included; further starts are answered 429.',
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: Type.Optional(
    Type.String({
      description: 'URL to which traces are sent, as OTLP over HTTP: http://collector:4318. Unset: no traces.',
    }),
  ),
  OTEL_SERVICE_NAME: Type.String({
    default: 'likeness',
    minLength: 1,
    description: 'Name of the process in traces; the other OTEL_ settings are read by the SDK of OpenTelemetry.',
  }),
  OTEL_SDK_DISABLED: Type.Boolean({ default: false, description: 'Turns traces off, whatever else is set.' }),
  REQUIRE_IF_MATCH: Type.Boolean({
    default: false,
    description: 'Answers 428 to a request without If-Match that updates or deletes a resource with an ETag.',
  }),
  OVERLOAD_DELAY_SECONDS: Type.Number({
    default: 1,
    minimum: 0,
    maximum: longestSeconds,
    description: 'Delay of the event loop, in seconds, beyond which requests are answered 503; 0 turns this off.',
  }),
  SHUTDOWN_GRACE_SECONDS: Type.Number({
    default: 20,
    minimum: 0,
    maximum: longestSeconds,
    description: 'Most seconds for a stopping process to finish running work; a second signal stops it at once.',
  }),
});
type Settings = Static<typeof Settings>;

export type Config = {
  production: boolean;
  host: string;
  port: number;
  logLevel: string;
  publicUrl: string;
  /** Addresses and networks whose X-Forwarded-For is trusted. */
  trustedProxies: string[];
  corsOrigins: string[];
  rateLimitPerMinute: number;
  rateLimitPerUserPerMinute: number;
  requireIfMatch: boolean;
  limits: {
    avatarsPerUser: number;
    photosPerUser: number;
    photoBytesPerUser: number;
    imagesPerUser: number;
    imageBytesPerUser: number;
    queuedTrainings: number;
    queuedTrainingsPerUser: number;
    queuedGenerations: number;
    queuedGenerationsPerUser: number;
    submissionsPerUserPerDay: number;
  };
  overloadDelayMs: number;
  shutdownGraceMs: number;
  database: { url: string; poolMax: number; timeoutMs: number };
  storage: { url: string; timeoutMs: number };
  fal: {
    mode: FalMode;
    key: string;
    baseUrl: string | null;
    userId: string | null;
    timeoutMs: number;
    startTimeoutSeconds: number;
    archiveExpirySeconds: number;
    trainingOutputExpirySeconds: number;
    imageExpirySeconds: number;
    /** Jobs that the account runs at once; null for no bound. */
    concurrency: number | null;
    maxLoraBytes: number;
    maxImageBytes: number;
  };
  loras: { links: 'upload' | 'signed'; expirySeconds: number; neededMs: number };
  /** Null without tracing. */
  traces: { endpoint: string; serviceName: string } | null;
  /** `generationsDays` is null when they are kept for good. */
  retention: { eventsDays: number; webhooksDays: number; generationsDays: number | null; everyMs: number };
  streams: { heartbeatMs: number; bufferBytes: number; most: number; mostPerCaller: number };
  webhooks: {
    allowPrivate: boolean;
    timeoutMs: number;
    concurrency: number;
    retryFirstMs: number;
    retryLongestMs: number;
    giveUpMs: number;
    disableAfterMs: number;
    secretOverlapMs: number;
  };
  training: {
    pollFirstMs: number;
    pollMs: number;
    checkIntervalMs: number;
    maxRunning: number;
    maxRunningPerUser: number;
    blockedRetryMs: number;
    blockedMaxMs: number;
    deadlineMs: number | null;
    unresolvedMaxMs: number;
    artifactGoneMs: number;
  };
  generation: {
    pollFirstMs: number;
    pollMs: number;
    startTimeoutSeconds: number;
    maxRunning: number;
    maxRunningPerUser: number;
    blockedMaxMs: number;
    deadlineMs: number;
    unresolvedMaxMs: number;
  };
};

export type Environment = Record<string, string | undefined>;

/**
 * Parses the settings of an environment, each by itself.
 * @throws BootError naming every setting with a bad value, never the value of a secret
 */
export function readSettings(environment: Environment): Settings {
  const known = Object.keys(Settings.properties);
  const given = Object.fromEntries(
    known.flatMap((name) => {
      const value = environment[variableOf(name, environment)]?.trim();
      return value ? [[name, value]] : [];
    }),
  );
  const sentences = new Map(findValueFaults(given));
  try {
    const settings = envSchema<Settings>({ schema: Settings, data: given, env: false });
    if (sentences.size === 0) return settings;
  } catch (error) {
    const faults = (error as { errors?: Fault[] }).errors ?? [];
    if (faults.length === 0) throw error;
    for (const fault of faults) {
      const name = fault.instancePath.slice(1) as keyof Settings;
      if (!sentences.has(name)) sentences.set(name, sentenceFor(name, fault));
    }
  }
  const named = [...sentences].map(([name, sentence]) => sentence.replace(name, variableOf(name, environment)));
  throw new BootError(named.join('\n'));
}

/** @returns a sentence for each variable with a former or a misspelt name of a setting, and for what a live start lacks */
export function noticesOf(environment: Environment): string[] {
  const notices = findNameNotices(environment, Object.keys(Settings.properties));
  const isUnbounded = environment['FAL_MODE'] === 'live' && !environment['FAL_CONCURRENCY'];
  return isUnbounded ? [...notices, unbounded] : notices;
}

const unbounded =
  'FAL_CONCURRENCY is not set: trainings may take every place that the fal account has (two for a new account), and images wait behind them for as long. Set it to the number on the dashboard of fal.';

type Fault = { instancePath: string; keyword: string; message?: string };

function sentenceFor(name: keyof Settings, { keyword, message = 'is not valid' }: Fault): string {
  const { description = '', anyOf = [] } = Settings.properties[name] as TSchema & {
    description?: string;
    anyOf?: { const?: string }[];
  };
  const choices = anyOf.map((choice) => choice.const).join(', ');
  const fault = choices ? `must be one of ${choices}` : keyword === 'pattern' ? 'is malformed' : message;
  return `${name} ${fault}. ${description}`.trim();
}

/** Values of a development start for omitted settings; `likeness serve` has none. */
export type Defaults = {
  databaseUrl?: string;
  storageUrl?: string;
  publicUrl?: string;
  sandboxUrl?: string;
  /** For processes that never use the key of fal. */
  isKeyless?: boolean;
};

/**
 * Makes the configuration of a process, once, at start.
 * @throws BootError naming all that is missing or contradictory
 */
export function makeConfig(settings: Settings, defaults: Defaults = {}): Config {
  const databaseUrl = settings.DATABASE_URL ?? defaults.databaseUrl;
  const storageUrl = settings.STORAGE_URL ?? defaults.storageUrl;
  const publicUrl = settings.PUBLIC_URL ?? defaults.publicUrl;
  const baseUrl = settings.FAL_BASE_URL ?? defaults.sandboxUrl;
  const faults = [
    ...missing('FAL_MODE', settings.FAL_MODE, 'say `live` to pay fal or `sandbox` not to'),
    ...missing(
      'DATABASE_URL',
      databaseUrl,
      'name the PostgreSQL database, as postgresql://user:password@host:port/database',
    ),
    ...missing('PUBLIC_URL', publicUrl, 'name the address under which fal reaches this service'),
    ...missing('STORAGE_URL', storageUrl, 'name the object store, as file:///path or s3://bucket/prefix'),
    ...falFaults(settings, baseUrl, defaults),
    ...findContradictions(settings),
  ];
  if (settings.FAL_MODE === 'live' && publicUrl?.startsWith('http://')) {
    faults.push('PUBLIC_URL must begin with https:// when FAL_MODE is live: webhooks and photos travel over it.');
  } else if (settings.FAL_MODE === 'live' && publicUrl && isPrivateHost(new URL(publicUrl).hostname)) {
    faults.push(
      'PUBLIC_URL names a host that only this machine or network knows, and FAL_MODE is live: fal has to reach it.',
    );
  }
  if (faults.length > 0 || !databaseUrl || !storageUrl || !publicUrl || !settings.FAL_MODE) {
    throw new BootError(faults.join('\n'));
  }
  return {
    production: settings.NODE_ENV === 'production',
    host: settings.HOST,
    port: settings.PORT,
    logLevel: settings.LOG_LEVEL,
    publicUrl: new URL(publicUrl).origin,
    trustedProxies: readProxies(settings.TRUSTED_PROXIES),
    corsOrigins: readOrigins(settings.CORS_ORIGINS),
    rateLimitPerMinute: settings.RATE_LIMIT_PER_MINUTE,
    rateLimitPerUserPerMinute: settings.RATE_LIMIT_PER_USER_PER_MINUTE,
    requireIfMatch: settings.REQUIRE_IF_MATCH,
    limits: {
      avatarsPerUser: settings.MAX_AVATARS_PER_USER,
      photosPerUser: settings.MAX_PHOTOS_PER_USER,
      photoBytesPerUser: settings.MAX_PHOTO_BYTES_PER_USER,
      imagesPerUser: settings.MAX_IMAGES_PER_USER,
      imageBytesPerUser: settings.MAX_IMAGE_BYTES_PER_USER,
      queuedTrainings: settings.MAX_QUEUED_TRAININGS,
      queuedTrainingsPerUser: settings.MAX_QUEUED_TRAININGS_PER_USER,
      queuedGenerations: settings.MAX_QUEUED_GENERATIONS,
      queuedGenerationsPerUser: settings.MAX_QUEUED_GENERATIONS_PER_USER,
      submissionsPerUserPerDay: settings.MAX_SUBMISSIONS_PER_USER_PER_DAY,
    },
    overloadDelayMs: settings.OVERLOAD_DELAY_SECONDS * 1000,
    shutdownGraceMs: settings.SHUTDOWN_GRACE_SECONDS * 1000,
    database: {
      url: databaseUrl,
      poolMax: settings.DATABASE_POOL_MAX,
      timeoutMs: settings.DATABASE_TIMEOUT_SECONDS * 1000,
    },
    storage: { url: storageUrl, timeoutMs: settings.STORAGE_TIMEOUT_SECONDS * 1000 },
    fal: {
      mode: settings.FAL_MODE,
      // The sandbox takes any key; live mode without one was refused above.
      key: settings.FAL_KEY ?? 'sandbox:sandbox',
      baseUrl: baseUrl?.replace(/\/+$/, '') ?? null,
      userId: settings.FAL_USER_ID ?? null,
      timeoutMs: settings.FAL_TIMEOUT_SECONDS * 1000,
      startTimeoutSeconds: settings.FAL_START_TIMEOUT_SECONDS,
      archiveExpirySeconds: settings.FAL_ARCHIVE_EXPIRY_SECONDS,
      trainingOutputExpirySeconds: settings.FAL_TRAINING_OUTPUT_EXPIRY_SECONDS,
      imageExpirySeconds: settings.FAL_IMAGE_EXPIRY_SECONDS,
      concurrency: settings.FAL_CONCURRENCY ?? null,
      maxLoraBytes: settings.MAX_LORA_BYTES,
      maxImageBytes: settings.MAX_IMAGE_BYTES,
    },
    loras: {
      links: settings.LORA_LINKS,
      expirySeconds: settings.LORA_EXPIRY_SECONDS,
      neededMs: loraSeconds(settings) * 1000,
    },
    traces:
      settings.OTEL_EXPORTER_OTLP_ENDPOINT === undefined || settings.OTEL_SDK_DISABLED
        ? null
        : { endpoint: settings.OTEL_EXPORTER_OTLP_ENDPOINT, serviceName: settings.OTEL_SERVICE_NAME },
    retention: {
      eventsDays: settings.EVENT_RETENTION_DAYS,
      webhooksDays: settings.FAL_WEBHOOK_RETENTION_DAYS,
      generationsDays: settings.GENERATION_RETENTION_DAYS ?? null,
      everyMs: settings.RETENTION_INTERVAL_SECONDS * 1000,
    },
    streams: {
      heartbeatMs: settings.EVENT_STREAM_HEARTBEAT_SECONDS * 1000,
      bufferBytes: settings.EVENT_STREAM_BUFFER_BYTES,
      most: settings.EVENT_STREAMS_MAX,
      mostPerCaller: settings.EVENT_STREAMS_PER_CALLER,
    },
    webhooks: {
      allowPrivate: settings.ALLOW_PRIVATE_WEBHOOKS,
      timeoutMs: settings.WEBHOOK_TIMEOUT_SECONDS * 1000,
      concurrency: settings.WEBHOOK_CONCURRENCY,
      retryFirstMs: settings.WEBHOOK_RETRY_FIRST_SECONDS * 1000,
      retryLongestMs: settings.WEBHOOK_RETRY_LONGEST_SECONDS * 1000,
      giveUpMs: settings.WEBHOOK_GIVE_UP_SECONDS * 1000,
      disableAfterMs: settings.WEBHOOK_DISABLE_AFTER_SECONDS * 1000,
      secretOverlapMs: settings.WEBHOOK_SECRET_OVERLAP_SECONDS * 1000,
    },
    training: {
      pollFirstMs: settings.POLL_FIRST_SECONDS * 1000,
      pollMs: settings.POLL_SECONDS * 1000,
      checkIntervalMs: settings.CHECK_INTERVAL_SECONDS * 1000,
      maxRunning: settings.MAX_TRAININGS,
      maxRunningPerUser: settings.MAX_TRAININGS_PER_USER,
      blockedRetryMs: settings.BLOCKED_RETRY_SECONDS * 1000,
      blockedMaxMs: settings.BLOCKED_MAX_SECONDS * 1000,
      deadlineMs: settings.DEADLINE_SECONDS === undefined ? null : settings.DEADLINE_SECONDS * 1000,
      unresolvedMaxMs: settings.UNRESOLVED_MAX_SECONDS * 1000,
      artifactGoneMs: settings.ARTIFACT_GONE_SECONDS * 1000,
    },
    generation: {
      pollFirstMs: settings.GENERATION_POLL_FIRST_SECONDS * 1000,
      pollMs: settings.GENERATION_POLL_SECONDS * 1000,
      startTimeoutSeconds: settings.GENERATION_START_TIMEOUT_SECONDS,
      maxRunning: settings.MAX_GENERATIONS,
      maxRunningPerUser: settings.MAX_GENERATIONS_PER_USER,
      blockedMaxMs: settings.GENERATION_BLOCKED_MAX_SECONDS * 1000,
      deadlineMs: settings.GENERATION_DEADLINE_SECONDS * 1000,
      unresolvedMaxMs: settings.GENERATION_UNRESOLVED_MAX_SECONDS * 1000,
    },
  };
}

function missing(name: string, value: string | undefined, whatToDo: string): string[] {
  return value ? [] : [`${name} is not set: ${whatToDo}.`];
}

function falFaults(settings: Settings, baseUrl: string | undefined, { isKeyless = false }: Defaults): string[] {
  if (settings.FAL_MODE === 'live' && !settings.FAL_KEY && !isKeyless) {
    return ['FAL_KEY is not set, and FAL_MODE is live: give the key of your fal account, or say FAL_MODE=sandbox.'];
  }
  if (settings.FAL_MODE === 'sandbox' && settings.FAL_KEY) {
    return ['FAL_KEY is set, and FAL_MODE is sandbox: unset the key, or say FAL_MODE=live to use it.'];
  }
  if (settings.FAL_MODE === 'sandbox' && !baseUrl) {
    return [
      'FAL_BASE_URL is not set, and FAL_MODE is sandbox: name the address of a running sandbox (`likeness sandbox`).',
    ];
  }
  return [];
}

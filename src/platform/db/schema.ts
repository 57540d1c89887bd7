import { sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  bigint,
  boolean,
  check,
  customType,
  doublePrecision,
  foreignKey,
  index,
  integer,
  json,
  jsonb,
  numeric,
  pgEnum,
  pgSequence,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  uniqueIndex,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core';

/* One literal list per enum, for PostgreSQL, API and types alike. Order as in PostgreSQL. */

export const avatarGenders = ['male', 'female', 'other'] as const;
export const avatarStatuses = ['draft', 'uploading', 'ready', 'training', 'completed', 'error', 'cancelled'] as const;
export const avatarTypes = ['character', 'style', 'custom'] as const;
export const trainingTypes = ['portrait', 'style', 'object'] as const;
export const finetuneTypes = ['lora', 'dreambooth'] as const;
export const falPriorities = ['normal', 'high'] as const;
export const photoValidationStatuses = ['pending', 'valid', 'invalid', 'duplicate'] as const;
export const jobStatuses = [
  'queued',
  'preparing',
  'submitting',
  'in_queue',
  'in_progress',
  'verifying',
  'succeeded',
  'failed',
  'cancelled',
] as const;
export const terminalJobStatuses = ['succeeded', 'failed', 'cancelled'] as const;
export const chargedAnswers = ['no', 'yes', 'unknown'] as const;
export const resultSources = ['webhook', 'poll'] as const;
export const imageStatuses = ['ok', 'flagged', 'lost'] as const;
export const triggerUses = ['inserted', 'present', 'placeholder', 'none'] as const;
export const falModes = ['live', 'sandbox'] as const;
export const endpointStatuses = ['enabled', 'disabled'] as const;
export const disabledReasons = ['by-request', 'gone', 'failing'] as const;
export const deliveryStatuses = ['pending', 'delivered', 'failed'] as const;

export type AvatarGender = (typeof avatarGenders)[number];
export type AvatarStatus = (typeof avatarStatuses)[number];
export type AvatarType = (typeof avatarTypes)[number];
export type TrainingType = (typeof trainingTypes)[number];
export type FinetuneType = (typeof finetuneTypes)[number];
export type FalPriority = (typeof falPriorities)[number];
export type JobStatus = (typeof jobStatuses)[number];
export type Charged = (typeof chargedAnswers)[number];
export type ResultSource = (typeof resultSources)[number];
export type ImageStatus = (typeof imageStatuses)[number];
export type TriggerUse = (typeof triggerUses)[number];
export type FalMode = (typeof falModes)[number];
export type EndpointStatus = (typeof endpointStatuses)[number];
export type DisabledReason = (typeof disabledReasons)[number];
export type DeliveryStatus = (typeof deliveryStatuses)[number];

export const avatarGender = pgEnum('avatargender', avatarGenders);
export const avatarStatus = pgEnum('avatarstatus', avatarStatuses);
export const avatarType = pgEnum('avatartype', avatarTypes);
export const avatarTrainingType = pgEnum('avatartrainingtype', trainingTypes);
export const falFinetuneType = pgEnum('falfinetunetype', finetuneTypes);
export const falPriority = pgEnum('falpriority', falPriorities);
export const photoValidationStatus = pgEnum('photovalidationstatus', photoValidationStatuses);
export const trainingStatus = pgEnum('trainingstatus', jobStatuses);

const bytea = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'bytea' });
const timestamptz = (name: string) => timestamp(name, { withTimezone: true });

/** `sha256` is of the stored bytes; null for photos of the earlier system. */
export type PhotoManifest = { id: string; sha256: string | null }[];
export type LogLine = { message: string; timestamp: string | null; level: string | null };
declare const withoutAddresses: unique symbol;
/** Made by errorOf and errorOfFailure alone (fal-jobs/failures.ts): no address is left in it. */
export type JobError = {
  code: string;
  message: string;
  detail: unknown;
  retryable: boolean;
  provider_request_id: string | null;
  readonly [withoutAddresses]: true;
};
export type Artifact = { url: string; storage_key: string; size: number; sha256: string; content_type: string };
/** Weights of the earlier system may come without their config. */
export type Artifacts = { lora: Artifact; config: Artifact | null };
export type TrainingSettings = Record<string, string | number | boolean | null>;
export type GenerationSettings = Record<string, string | number | boolean>;
export type GenerationWarning = { code: string; detail: string };
/** An image of a result after it was fetched and looked at; without file unless `ok`. Sizes in pixels and bytes. */
export type StoredImage = {
  index: number;
  status: ImageStatus;
  width: number | null;
  height: number | null;
  content_type: string | null;
  size: number | null;
  sha256: string | null;
  source_sha256: string | null;
  storage_key: string | null;
  thumbnail_key: string | null;
};
export type PackItem = {
  name: string;
  prompt: string;
  num_images?: number;
  aspect_ratio?: string;
  preset?: string;
};

/* People. The columns up to updated_at are those of the earlier system. */

export const users = pgTable(
  'users',
  {
    id: uuid('id').primaryKey(),
    telegram_id: varchar('telegram_id', { length: 50 }),
    first_name: varchar('first_name', { length: 64 }).notNull(),
    last_name: varchar('last_name', { length: 64 }),
    username: varchar('username', { length: 64 }),
    language_code: varchar('language_code', { length: 8 }).notNull(),
    timezone: varchar('timezone', { length: 32 }),
    is_premium: boolean('is_premium').notNull(),
    is_bot: boolean('is_bot').notNull(),
    is_blocked: boolean('is_blocked').notNull(),
    created_at: timestamptz('created_at').notNull().defaultNow(),
    updated_at: timestamptz('updated_at').notNull().defaultNow(),
    external_id: varchar('external_id', { length: 255 }),
    main_avatar_id: uuid('main_avatar_id'),
  },
  (table) => [
    uniqueIndex('ix_users_telegram_id').on(table.telegram_id),
    uniqueIndex('ix_users_external_id').on(table.external_id),
    // An avatar is the main avatar of one user at most; deleting the avatar unsets it.
    uniqueIndex('ix_users_main_avatar_id').on(table.main_avatar_id),
    foreignKey({
      name: 'users_main_avatar_id_fkey',
      columns: [table.main_avatar_id],
      foreignColumns: [avatarsId()],
    }).onDelete('set null'),
  ],
);

// users and avatars refer to each other; an explicit return type ends the circle for the compiler.
function avatarsId(): AnyPgColumn {
  return avatars.id;
}

/* Avatars: 24 columns of the earlier system, then the 18 that fal brought. The row is a projection of its trainings. */

export const avatars = pgTable(
  'avatars',
  {
    id: uuid('id').primaryKey(),
    user_id: uuid('user_id').notNull(),
    name: varchar('name', { length: 100 }).notNull(),
    gender: avatarGender('gender').notNull(),
    avatar_type: avatarType('avatar_type').notNull().default('character'),
    status: avatarStatus('status').notNull().default('draft'),
    finetune_id: varchar('finetune_id', { length: 255 }),
    training_progress: integer('training_progress').notNull().default(0),
    training_started_at: timestamptz('training_started_at'),
    training_completed_at: timestamptz('training_completed_at'),
    fal_mode: varchar('fal_mode', { length: 20 }).notNull().default('character'),
    fal_iterations: integer('fal_iterations').notNull().default(500),
    fal_priority: falPriority('fal_priority').notNull().default('normal'),
    trigger_word: varchar('trigger_word', { length: 50 }).notNull().default('TOK'),
    lora_rank: integer('lora_rank').notNull().default(32),
    avatar_data: json('avatar_data').$type<Record<string, unknown>>().notNull().default({}),
    training_config: json('training_config').$type<Record<string, unknown>>().notNull().default({}),
    photos_count: integer('photos_count').notNull().default(0),
    generations_count: integer('generations_count').notNull().default(0),
    created_at: timestamptz('created_at').notNull().defaultNow(),
    updated_at: timestamptz('updated_at').notNull().defaultNow(),
    is_draft: boolean('is_draft').notNull().default(true),
    photo_key: varchar('photo_key', { length: 255 }),
    preview_key: varchar('preview_key', { length: 255 }),

    training_type: avatarTrainingType('training_type'),
    fal_request_id: varchar('fal_request_id', { length: 255 }),
    learning_rate: doublePrecision('learning_rate'),
    trigger_phrase: varchar('trigger_phrase', { length: 255 }),
    steps: integer('steps'),
    multiresolution_training: boolean('multiresolution_training'),
    subject_crop: boolean('subject_crop'),
    create_masks: boolean('create_masks'),
    captioning: boolean('captioning'),
    finetune_type: falFinetuneType('finetune_type'),
    finetune_comment: text('finetune_comment'),
    diffusers_lora_file_url: varchar('diffusers_lora_file_url', { length: 255 }),
    config_file_url: varchar('config_file_url', { length: 255 }),
    training_logs: text('training_logs'),
    training_error: text('training_error'),
    webhook_url: varchar('webhook_url', { length: 255 }),
    // Without time zone, as in the earlier system; always UTC.
    last_status_check: timestamp('last_status_check'),
    fal_response_data: jsonb('fal_response_data'),
  },
  (table) => [
    index('ix_avatars_finetune_id').on(table.finetune_id),
    index('ix_avatars_fal_request_id').on(table.fal_request_id),
    index('ix_avatars_training_type').on(table.training_type),
    index('ix_avatars_user_id_created_at').on(
      table.user_id,
      table.created_at.desc().nullsFirst(),
      table.id.desc().nullsFirst(),
    ),
    index('ix_avatars_created_at').on(table.created_at.desc().nullsFirst(), table.id.desc().nullsFirst()),
    // Lists filtered by one status or type, however rare.
    index('ix_avatars_status_created_at').on(
      table.status,
      table.created_at.desc().nullsFirst(),
      table.id.desc().nullsFirst(),
    ),
    index('ix_avatars_training_type_created_at').on(
      table.training_type,
      table.created_at.desc().nullsFirst(),
      table.id.desc().nullsFirst(),
    ),
    foreignKey({
      name: 'avatars_user_id_fkey',
      columns: [table.user_id],
      foreignColumns: [users.id],
    }).onDelete('cascade'),
    check('avatars_training_progress_check', sql`${table.training_progress} between 0 and 100`),
    check('avatars_photos_count_check', sql`${table.photos_count} >= 0`),
    check('avatars_generations_count_check', sql`${table.generations_count} >= 0`),
    check('avatars_is_draft_check', sql`${table.is_draft} = (${table.status} = 'draft')`),
  ],
);

export const avatarPhotos = pgTable(
  'avatar_photos',
  {
    id: uuid('id').primaryKey(),
    avatar_id: uuid('avatar_id').notNull(),
    user_id: uuid('user_id').notNull(),
    minio_key: varchar('minio_key', { length: 255 }).notNull(),
    file_hash: varchar('file_hash', { length: 64 }).notNull(),
    upload_order: integer('upload_order').notNull(),
    validation_status: photoValidationStatus('validation_status').notNull().default('pending'),
    file_size: integer('file_size').notNull(),
    width: integer('width'),
    height: integer('height'),
    format: varchar('format', { length: 10 }).notNull(),
    has_face: boolean('has_face'),
    quality_score: doublePrecision('quality_score'),
    validation_error: text('validation_error'),
    photo_metadata: json('photo_metadata').$type<Record<string, unknown>>().notNull().default({}),
    created_at: timestamptz('created_at').notNull().defaultNow(),
    validated_at: timestamptz('validated_at'),
    order: integer('order').notNull().default(0),
  },
  (table) => [
    index('ix_avatar_photos_file_hash').on(table.file_hash),
    uniqueIndex('ix_avatar_photos_avatar_id_file_hash').on(table.avatar_id, table.file_hash),
    index('ix_avatar_photos_avatar_id').on(table.avatar_id, table.upload_order, table.id),
    index('ix_avatar_photos_user_id').on(table.user_id),
    foreignKey({
      name: 'avatar_photos_avatar_id_fkey',
      columns: [table.avatar_id],
      foreignColumns: [avatars.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'avatar_photos_user_id_fkey',
      columns: [table.user_id],
      foreignColumns: [users.id],
    }).onDelete('cascade'),
    check('avatar_photos_file_size_check', sql`${table.file_size} >= 0`),
  ],
);

/** Addresses of the earlier system's artifacts at fal that are too long for the columns of avatars. */
export const adoptedArtifacts = pgTable(
  'adopted_artifacts',
  {
    avatar_id: uuid('avatar_id').primaryKey(),
    lora_url: text('lora_url'),
    config_url: text('config_url'),
  },
  (table) => [
    foreignKey({
      name: 'adopted_artifacts_avatar_id_fkey',
      columns: [table.avatar_id],
      foreignColumns: [avatars.id],
    }).onDelete('cascade'),
  ],
);

/* Trainings: one row per attempt, with input, result and cost. Outlives its avatar and its user. */

export const trainings = pgTable(
  'trainings',
  {
    id: uuid('id').primaryKey(),
    avatar_id: uuid('avatar_id'),
    user_id: uuid('user_id'),
    attempt: integer('attempt').notNull(),
    retry_of: uuid('retry_of'),
    training_type: avatarTrainingType('training_type').notNull(),
    trainer: varchar('trainer', { length: 50 }).notNull(),
    endpoint: varchar('endpoint', { length: 255 }).notNull(),
    status: trainingStatus('status').notNull(),
    fal_priority: falPriority('fal_priority').notNull(),
    settings: json('settings').$type<TrainingSettings>().notNull(),
    photo_manifest: json('photo_manifest').$type<PhotoManifest>().notNull(),
    sandbox: boolean('sandbox').notNull(),
    estimated_cost_usd: numeric('estimated_cost_usd', { precision: 12, scale: 6, mode: 'number' }).notNull(),

    // One submission is one POST to fal. Its id is in the webhook's token and the archive's name.
    submission_id: uuid('submission_id'),
    submissions: integer('submissions').notNull(),
    archive_url: text('archive_url'),
    // json, not jsonb: keeps the text byte for byte as sent.
    fal_input: json('fal_input').$type<Record<string, unknown>>(),
    webhook_url: text('webhook_url'),
    fal_request_id: varchar('fal_request_id', { length: 255 }),
    gateway_request_id: varchar('gateway_request_id', { length: 255 }),

    progress: smallint('progress').notNull(),
    step: integer('step'),
    total_steps: integer('total_steps'),
    loss: doublePrecision('loss'),
    eta_seconds: integer('eta_seconds'),
    logs: jsonb('logs').$type<LogLine[]>().notNull(),

    error: jsonb('error').$type<JobError>(),
    // Whether fal charges; set when the training has ended.
    charged: varchar('charged', { length: 10 }).$type<Charged>(),
    // jsonb keeps integers exact, JavaScript does not (fal's seeds are uint64).
    result: jsonb('result'),
    result_source: varchar('result_source', { length: 10 }).$type<ResultSource>(),
    artifacts: jsonb('artifacts').$type<Artifacts>(),
    late_result: jsonb('late_result'),
    late_artifacts: jsonb('late_artifacts').$type<Artifacts>(),

    blocked_reason: varchar('blocked_reason', { length: 50 }),
    blocked_at: timestamptz('blocked_at'),
    submit_unknown_at: timestamptz('submit_unknown_at'),
    needs_attention_at: timestamptz('needs_attention_at'),
    cancel_requested_at: timestamptz('cancel_requested_at'),

    created_at: timestamptz('created_at').notNull().defaultNow(),
    updated_at: timestamptz('updated_at').notNull().defaultNow(),
    submitted_at: timestamptz('submitted_at'),
    accepted_at: timestamptz('accepted_at'),
    started_at: timestamptz('started_at'),
    ended_at: timestamptz('ended_at'),
    last_status_check: timestamptz('last_status_check'),
    // Time of the next reconciliation; null when the training has ended for good.
    next_check_at: timestamptz('next_check_at'),
    checks: integer('checks').notNull(),
    deadline_at: timestamptz('deadline_at').notNull(),
    // Rows taken over from the earlier system, which did not record what it had sent.
    adopted_at: timestamptz('adopted_at'),
    // W3C traceparent of the request; null without tracing.
    traceparent: varchar('traceparent', { length: 55 }),
    // How often the archive was sent to fal, which is bounded; not counted when fal took none of it.
    uploads: integer('uploads').notNull().default(0),
    // Until when fal keeps the files of the result, as asked for at submit; null where nothing was asked for.
    output_expires_at: timestamptz('output_expires_at'),
  },
  (table) => [
    uniqueIndex('ix_trainings_fal_request_id').on(table.fal_request_id),
    // At most one unfinished training per avatar.
    uniqueIndex('ix_trainings_unfinished')
      .on(table.avatar_id)
      .where(sql`${table.status} not in ('succeeded', 'failed', 'cancelled')`),
    uniqueIndex('ix_trainings_avatar_id_attempt').on(table.avatar_id, table.attempt),
    index('ix_trainings_user_id_created_at').on(
      table.user_id,
      table.created_at.desc().nullsFirst(),
      table.id.desc().nullsFirst(),
    ),
    index('ix_trainings_created_at').on(table.created_at.desc().nullsFirst(), table.id.desc().nullsFirst()),
    index('ix_trainings_next_check_at').on(table.next_check_at).where(sql`${table.next_check_at} is not null`),
    // What was sent in a day, which limits count.
    index('ix_trainings_submitted_at').on(table.submitted_at, table.user_id),
    // Lists of one status, and the dispatcher's counts.
    index('ix_trainings_status_created_at').on(
      table.status,
      table.created_at.desc().nullsFirst(),
      table.id.desc().nullsFirst(),
    ),
    index('ix_trainings_needs_attention')
      .on(table.created_at.desc().nullsFirst(), table.id.desc().nullsFirst())
      .where(sql`${table.needs_attention_at} is not null`),
    foreignKey({
      name: 'trainings_avatar_id_fkey',
      columns: [table.avatar_id],
      foreignColumns: [avatars.id],
    }).onDelete('set null'),
    foreignKey({
      name: 'trainings_user_id_fkey',
      columns: [table.user_id],
      foreignColumns: [users.id],
    }).onDelete('set null'),
    foreignKey({
      name: 'trainings_retry_of_fkey',
      columns: [table.retry_of],
      foreignColumns: [table.id],
    }).onDelete('set null'),
    check('trainings_progress_check', sql`${table.progress} between 0 and 100`),
    check('trainings_counters_check', sql`${table.attempt} > 0 and ${table.submissions} >= 0 and ${table.checks} >= 0`),
    check(
      'trainings_succeeded_check',
      sql`${table.status} <> 'succeeded' or (${table.artifacts} #>> '{lora,sha256}') is not null`,
    ),
    check('trainings_failed_check', sql`(${table.status} = 'failed') = (${table.error} is not null)`),
    check(
      'trainings_ended_check',
      sql`(${table.status} in ('succeeded', 'failed', 'cancelled')) = (${table.ended_at} is not null)`,
    ),
    check('trainings_charged_check', sql`(${table.charged} is null) = (${table.ended_at} is null)`),
    // The input is on record before anything may have reached fal.
    check(
      'trainings_submission_check',
      sql`${table.status} not in ('submitting', 'in_queue', 'in_progress', 'verifying', 'succeeded') or ${table.adopted_at} is not null or (${table.submission_id} is not null and ${table.fal_input} is not null)`,
    ),
    check(
      'trainings_accepted_check',
      sql`${table.status} not in ('in_queue', 'in_progress', 'verifying', 'succeeded') or ${table.adopted_at} is not null or ${table.fal_request_id} is not null`,
    ),
  ],
);

/* Generations: one row per paid job that makes images. Outlives its avatar and its user, without prompt and images then. */

export const generations = pgTable(
  'generations',
  {
    id: uuid('id').primaryKey(),
    avatar_id: uuid('avatar_id'),
    user_id: uuid('user_id'),
    // The training whose LoRA is used.
    training_id: uuid('training_id'),
    batch_id: uuid('batch_id'),
    repeat_of: uuid('repeat_of'),
    pack: varchar('pack', { length: 100 }),
    pack_item: varchar('pack_item', { length: 100 }),
    model: varchar('model', { length: 50 }).notNull(),
    endpoint: varchar('endpoint', { length: 255 }).notNull(),
    status: trainingStatus('status').notNull(),
    fal_priority: falPriority('fal_priority').notNull(),
    sandbox: boolean('sandbox').notNull(),
    estimated_cost_usd: numeric('estimated_cost_usd', { precision: 12, scale: 6, mode: 'number' }).notNull(),

    // Null once erased.
    prompt: text('prompt'),
    final_prompt: text('final_prompt'),
    trigger_phrase: text('trigger_phrase'),
    trigger: varchar('trigger', { length: 20 }).$type<TriggerUse>().notNull(),
    preset: varchar('preset', { length: 20 }).notNull(),
    aspect_ratio: varchar('aspect_ratio', { length: 10 }),
    width: smallint('width').notNull(),
    height: smallint('height').notNull(),
    num_images: smallint('num_images').notNull(),
    // uint32.
    seed: bigint('seed', { mode: 'number' }).notNull(),
    settings: json('settings').$type<GenerationSettings>().notNull(),
    warnings: jsonb('warnings').$type<GenerationWarning[]>().notNull(),
    lora_sha256: varchar('lora_sha256', { length: 64 }).notNull(),
    // SHA-256 of caller, avatar and body: tells a repeated request that bears no Idempotency-Key.
    fingerprint: bytea('fingerprint').notNull(),

    // One submission is one POST to fal. Its id is in the webhook's token.
    submission_id: uuid('submission_id'),
    submissions: integer('submissions').notNull(),
    // json, not jsonb: keeps the text byte for byte as sent.
    fal_input: json('fal_input').$type<Record<string, unknown>>(),
    webhook_url: text('webhook_url'),
    fal_request_id: varchar('fal_request_id', { length: 255 }),
    gateway_request_id: varchar('gateway_request_id', { length: 255 }),

    error: jsonb('error').$type<JobError>(),
    charged: varchar('charged', { length: 10 }).$type<Charged>(),
    // As fal tells them with the result; the model says what a unit is.
    billed_units: numeric('billed_units', { precision: 12, scale: 4, mode: 'number' }),
    result: jsonb('result'),
    result_source: varchar('result_source', { length: 10 }).$type<ResultSource>(),
    images_ok: smallint('images_ok').notNull(),
    late_result: jsonb('late_result'),
    late_artifacts: jsonb('late_artifacts').$type<StoredImage[]>(),

    blocked_reason: varchar('blocked_reason', { length: 50 }),
    blocked_at: timestamptz('blocked_at'),
    submit_unknown_at: timestamptz('submit_unknown_at'),
    needs_attention_at: timestamptz('needs_attention_at'),
    cancel_requested_at: timestamptz('cancel_requested_at'),

    created_at: timestamptz('created_at').notNull().defaultNow(),
    updated_at: timestamptz('updated_at').notNull().defaultNow(),
    submitted_at: timestamptz('submitted_at'),
    accepted_at: timestamptz('accepted_at'),
    started_at: timestamptz('started_at'),
    ended_at: timestamptz('ended_at'),
    last_status_check: timestamptz('last_status_check'),
    next_check_at: timestamptz('next_check_at'),
    checks: integer('checks').notNull(),
    deadline_at: timestamptz('deadline_at').notNull(),
    // When prompt, input, result and images were removed; the row remains as the record of what was paid.
    erased_at: timestamptz('erased_at'),
    traceparent: varchar('traceparent', { length: 55 }),
  },
  (table) => [
    uniqueIndex('ix_generations_fal_request_id').on(table.fal_request_id),
    ...[table.user_id, table.avatar_id, table.status, table.pack].map((column) =>
      index(`ix_generations_${column.name}_created_at`).on(
        column,
        table.created_at.desc().nullsFirst(),
        table.id.desc().nullsFirst(),
      ),
    ),
    index('ix_generations_created_at').on(table.created_at.desc().nullsFirst(), table.id.desc().nullsFirst()),
    index('ix_generations_batch_id').on(table.batch_id, table.created_at, table.id),
    index('ix_generations_training_id').on(table.training_id),
    index('ix_generations_repeat_of').on(table.repeat_of),
    index('ix_generations_next_check_at').on(table.next_check_at).where(sql`${table.next_check_at} is not null`),
    // What was sent in a day, which limits count.
    index('ix_generations_submitted_at').on(table.submitted_at, table.user_id),
    index('ix_generations_fingerprint')
      .on(table.fingerprint)
      .where(sql`${table.status} not in ('succeeded', 'failed', 'cancelled')`),
    index('ix_generations_needs_attention')
      .on(table.created_at.desc().nullsFirst(), table.id.desc().nullsFirst())
      .where(sql`${table.needs_attention_at} is not null`),
    // Retention.
    index('ix_generations_ended_at').on(table.ended_at, table.id).where(sql`${table.erased_at} is null`),
    foreignKey({
      name: 'generations_avatar_id_fkey',
      columns: [table.avatar_id],
      foreignColumns: [avatars.id],
    }).onDelete('set null'),
    foreignKey({
      name: 'generations_user_id_fkey',
      columns: [table.user_id],
      foreignColumns: [users.id],
    }).onDelete('set null'),
    foreignKey({
      name: 'generations_training_id_fkey',
      columns: [table.training_id],
      foreignColumns: [trainings.id],
    }).onDelete('set null'),
    foreignKey({
      name: 'generations_batch_id_fkey',
      columns: [table.batch_id],
      foreignColumns: [batches.id],
    }).onDelete('set null'),
    foreignKey({
      name: 'generations_repeat_of_fkey',
      columns: [table.repeat_of],
      foreignColumns: [table.id],
    }).onDelete('set null'),
    check('generations_counters_check', sql`${table.submissions} >= 0 and ${table.checks} >= 0`),
    check('generations_num_images_check', sql`${table.num_images} between 1 and 4`),
    check('generations_images_ok_check', sql`${table.images_ok} between 0 and ${table.num_images}`),
    check(
      'generations_size_check',
      sql`${table.width} > 0 and ${table.height} > 0 and ${table.width} % 16 = 0 and ${table.height} % 16 = 0`,
    ),
    check('generations_seed_check', sql`${table.seed} between 0 and 4294967295`),
    check('generations_trigger_check', sql`${table.trigger} in ('inserted', 'present', 'placeholder', 'none')`),
    check('generations_succeeded_check', sql`${table.status} <> 'succeeded' or ${table.images_ok} > 0`),
    check('generations_failed_check', sql`(${table.status} = 'failed') = (${table.error} is not null)`),
    check(
      'generations_ended_check',
      sql`(${table.status} in ('succeeded', 'failed', 'cancelled')) = (${table.ended_at} is not null)`,
    ),
    check('generations_charged_check', sql`(${table.charged} is null) = (${table.ended_at} is null)`),
    check(
      'generations_prompt_check',
      sql`(${table.erased_at} is null) = (${table.prompt} is not null) and (${table.erased_at} is null) = (${table.final_prompt} is not null)`,
    ),
    check(
      'generations_erased_check',
      sql`${table.erased_at} is null or (${table.ended_at} is not null and ${table.fal_input} is null and ${table.result} is null and ${table.late_result} is null and ${table.late_artifacts} is null and ${table.trigger_phrase} is null)`,
    ),
    // The input is on record before anything may have reached fal.
    check(
      'generations_submission_check',
      sql`${table.status} not in ('submitting', 'in_queue', 'in_progress', 'verifying', 'succeeded') or (${table.submission_id} is not null and (${table.fal_input} is not null or ${table.erased_at} is not null))`,
    ),
    check(
      'generations_accepted_check',
      sql`${table.status} not in ('in_queue', 'in_progress', 'verifying', 'succeeded') or ${table.fal_request_id} is not null`,
    ),
  ],
);

/* One row per image of a generation, with bytes of our own when it is `ok`. */

export const generationImages = pgTable(
  'generation_images',
  {
    id: uuid('id').primaryKey(),
    generation_id: uuid('generation_id').notNull(),
    user_id: uuid('user_id').notNull(),
    avatar_id: uuid('avatar_id').notNull(),
    index: smallint('index').notNull(),
    status: varchar('status', { length: 10 }).$type<ImageStatus>().notNull(),
    width: smallint('width'),
    height: smallint('height'),
    content_type: varchar('content_type', { length: 50 }),
    size: integer('size'),
    // Of the stored bytes, and of those that fal gave.
    sha256: varchar('sha256', { length: 64 }),
    source_sha256: varchar('source_sha256', { length: 64 }),
    storage_key: varchar('storage_key', { length: 255 }),
    thumbnail_key: varchar('thumbnail_key', { length: 255 }),
    favorite: boolean('favorite').notNull(),
    // How near the face is to the avatar's photos; null where nobody looked.
    likeness: jsonb('likeness').$type<Record<string, unknown>>(),
    created_at: timestamptz('created_at').notNull().defaultNow(),
    updated_at: timestamptz('updated_at').notNull().defaultNow(),
  },
  (table) => [
    uniqueIndex('ix_generation_images_generation_id_index').on(table.generation_id, table.index),
    ...[table.user_id, table.avatar_id].flatMap((column) => [
      index(`ix_generation_images_${column.name}_status_created_at`).on(
        column,
        table.status,
        table.created_at.desc().nullsFirst(),
        table.id.desc().nullsFirst(),
      ),
      index(`ix_generation_images_${column.name}_favorite`)
        .on(column, table.created_at.desc().nullsFirst(), table.id.desc().nullsFirst())
        .where(sql`${table.favorite}`),
    ]),
    index('ix_generation_images_status_created_at').on(
      table.status,
      table.created_at.desc().nullsFirst(),
      table.id.desc().nullsFirst(),
    ),
    index('ix_generation_images_favorite')
      .on(table.created_at.desc().nullsFirst(), table.id.desc().nullsFirst())
      .where(sql`${table.favorite}`),
    foreignKey({
      name: 'generation_images_generation_id_fkey',
      columns: [table.generation_id],
      foreignColumns: [generations.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'generation_images_user_id_fkey',
      columns: [table.user_id],
      foreignColumns: [users.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'generation_images_avatar_id_fkey',
      columns: [table.avatar_id],
      foreignColumns: [avatars.id],
    }).onDelete('cascade'),
    check('generation_images_index_check', sql`${table.index} between 0 and 3`),
    check('generation_images_status_check', sql`${table.status} in ('ok', 'flagged', 'lost')`),
    check(
      'generation_images_ok_check',
      sql`(${table.status} = 'ok') = (${table.storage_key} is not null) and (${table.status} = 'ok') = (${table.sha256} is not null) and (${table.status} = 'ok') = (${table.size} is not null)`,
    ),
    check('generation_images_favorite_check', sql`not ${table.favorite} or ${table.status} = 'ok'`),
  ],
);

/*
 * Addresses at fal of files that are used again: outputs of trainings, and copies of ours, each uploaded once and used
 * until shortly before it expires. They outlive what they were made for.
 */

export const falFiles = pgTable(
  'fal_files',
  {
    id: uuid('id').primaryKey(),
    purpose: varchar('purpose', { length: 20 }).$type<'lora'>().notNull(),
    // Of the file's bytes.
    sha256: varchar('sha256', { length: 64 }).notNull(),
    // Null until the upload has ended; of one that failed it stays null.
    url: text('url'),
    training_id: uuid('training_id'),
    uploaded_at: timestamptz('uploaded_at').notNull(),
    expires_at: timestamptz('expires_at').notNull(),
    // Set when fal could not fetch it, or its training was deleted: it is used no more.
    dropped_at: timestamptz('dropped_at'),
    // While it is uploaded: when others may take the upload over, unless its process postpones this.
    claimed_until: timestamptz('claimed_until'),
  },
  (table) => [
    // By training, not by content: what was made for one person is never given out for another.
    uniqueIndex('ix_fal_files_in_use').on(table.purpose, table.training_id).where(sql`${table.dropped_at} is null`),
    index('ix_fal_files_training_id').on(table.training_id),
    index('ix_fal_files_expires_at').on(table.expires_at),
    foreignKey({
      name: 'fal_files_training_id_fkey',
      columns: [table.training_id],
      foreignColumns: [trainings.id],
    }).onDelete('set null'),
    check('fal_files_purpose_check', sql`${table.purpose} in ('lora')`),
    check('fal_files_claimed_check', sql`(${table.url} is null) = (${table.claimed_until} is not null)`),
  ],
);

/* Packs: prompts of the operator's, under one name. */

export const packs = pgTable('packs', {
  name: varchar('name', { length: 100 }).primaryKey(),
  title: varchar('title', { length: 200 }).notNull(),
  description: text('description').notNull(),
  // Whether user tokens may see its prompts.
  public: boolean('public').notNull(),
  items: jsonb('items').$type<PackItem[]>().notNull(),
  created_at: timestamptz('created_at').notNull().defaultNow(),
  updated_at: timestamptz('updated_at').notNull().defaultNow(),
});

/* Batches: generations that were asked for together, admitted together, and end with one event. */

export const batches = pgTable(
  'batches',
  {
    id: uuid('id').primaryKey(),
    avatar_id: uuid('avatar_id'),
    user_id: uuid('user_id'),
    pack: varchar('pack', { length: 100 }),
    // How many generations it began with, and images they were asked for.
    generations: smallint('generations').notNull(),
    images: smallint('images').notNull(),
    estimated_cost_usd: numeric('estimated_cost_usd', { precision: 12, scale: 6, mode: 'number' }).notNull(),
    created_at: timestamptz('created_at').notNull().defaultNow(),
    updated_at: timestamptz('updated_at').notNull().defaultNow(),
    cancel_requested_at: timestamptz('cancel_requested_at'),
    // Set with the end of its last generation.
    ended_at: timestamptz('ended_at'),
    traceparent: varchar('traceparent', { length: 55 }),
  },
  (table) => [
    ...[table.user_id, table.avatar_id].map((column) =>
      index(`ix_batches_${column.name}_created_at`).on(
        column,
        table.created_at.desc().nullsFirst(),
        table.id.desc().nullsFirst(),
      ),
    ),
    index('ix_batches_created_at').on(table.created_at.desc().nullsFirst(), table.id.desc().nullsFirst()),
    foreignKey({
      name: 'batches_avatar_id_fkey',
      columns: [table.avatar_id],
      foreignColumns: [avatars.id],
    }).onDelete('set null'),
    foreignKey({
      name: 'batches_user_id_fkey',
      columns: [table.user_id],
      foreignColumns: [users.id],
    }).onDelete('set null'),
    check('batches_counts_check', sql`${table.generations} > 0 and ${table.images} >= ${table.generations}`),
  ],
);

/* The circuit: whether fal accepts jobs. One row, read by every dispatcher. */

export const providerCircuit = pgTable(
  'provider_circuit',
  {
    id: smallint('id').primaryKey(),
    // Null while the circuit is closed.
    reason: varchar('reason', { length: 50 }),
    opened_at: timestamptz('opened_at'),
    // When one job may probe whether fal accepts jobs again.
    probe_at: timestamptz('probe_at'),
    // Consecutive failures to reach fal, 5xx included.
    failures: integer('failures').notNull(),
    updated_at: timestamptz('updated_at').notNull(),
  },
  (table) => [
    check('provider_circuit_id_check', sql`${table.id} = 1`),
    check('provider_circuit_failures_check', sql`${table.failures} >= 0`),
    check(
      'provider_circuit_open_check',
      sql`(${table.reason} is null) = (${table.opened_at} is null) and (${table.reason} is null) = (${table.probe_at} is null)`,
    ),
  ],
);

/* The inbox of fal's webhooks: raw bytes first, interpreted later. */

export const falWebhooks = pgTable(
  'fal_webhooks',
  {
    id: uuid('id').primaryKey(),
    received_at: timestamptz('received_at').notNull().defaultNow(),
    fal_request_id: varchar('request_id', { length: 255 }).notNull(),
    training_id: uuid('training_id'),
    submission_id: uuid('submission_id').notNull(),
    headers: jsonb('headers').$type<Record<string, string>>().notNull(),
    body: bytea('body').notNull(),
    // Null until drained; then applied, repeated, deferred, mismatched, orphaned or quarantined.
    outcome: varchar('outcome', { length: 20 }),
    outcome_detail: text('outcome_detail'),
    drained_at: timestamptz('drained_at'),
    // This or training_id: the job whose token it bears.
    generation_id: uuid('generation_id'),
    // Attempts to apply it that the database did not complete; null next_try_at means at once.
    tries: integer('tries').notNull().default(0),
    next_try_at: timestamptz('next_try_at'),
  },
  (table) => [
    index('ix_fal_webhooks_undrained').on(table.id).where(sql`${table.drained_at} is null`),
    index('ix_fal_webhooks_training_id').on(table.training_id),
    index('ix_fal_webhooks_generation_id').on(table.generation_id).where(sql`${table.generation_id} is not null`),
    index('ix_fal_webhooks_received_at').on(table.received_at),
    check('fal_webhooks_job_check', sql`(${table.training_id} is null) <> (${table.generation_id} is null)`),
    check('fal_webhooks_outcome_check', sql`(${table.outcome} is null) = (${table.drained_at} is null)`),
  ],
);

/* The append-only event log, which is also the outbox. A sequencer numbers events after their commit. */

export const eventsSequence = pgSequence('events_sequence');

export const events = pgTable(
  'events',
  {
    id: uuid('id').primaryKey(),
    sequence: bigint('sequence', { mode: 'number' }),
    type: varchar('type', { length: 50 }).notNull(),
    created_at: timestamptz('created_at').notNull().defaultNow(),
    user_id: uuid('user_id'),
    avatar_id: uuid('avatar_id'),
    training_id: uuid('training_id'),
    photo_id: uuid('photo_id'),
    data: jsonb('data').$type<Record<string, unknown>>().notNull(),
    request_id: varchar('request_id', { length: 100 }),
    // W3C traceparent; deliveries join the trace.
    traceparent: varchar('traceparent', { length: 55 }),
    generation_id: uuid('generation_id'),
    image_id: uuid('image_id'),
    batch_id: uuid('batch_id'),
  },
  (table) => [
    // Indexes for readers cover numbered events only: an insert, which a client waits for, then writes three indexes
    // instead of eight.
    uniqueIndex('ix_events_sequence').on(table.sequence).where(sql`${table.sequence} is not null`),
    index('ix_events_unsequenced').on(table.id).where(sql`${table.sequence} is null`),
    ...[table.user_id, table.avatar_id, table.training_id, table.type].map((column) =>
      index(`ix_events_${column.name}_sequence`).on(column, table.sequence).where(sql`${table.sequence} is not null`),
    ),
    ...[table.generation_id, table.batch_id].map((column) =>
      index(`ix_events_${column.name}_sequence`)
        .on(column, table.sequence)
        .where(sql`${table.sequence} is not null and ${column} is not null`),
    ),
    index('ix_events_created_at').on(table.created_at),
  ],
);

export const webhookEndpoints = pgTable(
  'webhook_endpoints',
  {
    id: uuid('id').primaryKey(),
    url: text('url').notNull(),
    description: varchar('description', { length: 255 }),
    // Null for all types.
    event_types: text('event_types').array(),
    secret: text('secret').notNull(),
    previous_secret: text('previous_secret'),
    previous_secret_expires_at: timestamptz('previous_secret_expires_at'),
    status: varchar('status', { length: 20 }).$type<EndpointStatus>().notNull().default('enabled'),
    disabled_reason: varchar('disabled_reason', { length: 50 }).$type<DisabledReason>(),
    // Time since which every attempt has failed.
    failing_since: timestamptz('failing_since'),
    // Not before this time, by Retry-After of the endpoint.
    paused_until: timestamptz('paused_until'),
    // Deliveries exist for events up to this number.
    last_sequence: bigint('last_sequence', { mode: 'number' }).notNull(),
    created_at: timestamptz('created_at').notNull().defaultNow(),
    updated_at: timestamptz('updated_at').notNull().defaultNow(),
  },
  (table) => [
    check('webhook_endpoints_status_check', sql`${table.status} in ('enabled', 'disabled')`),
    check(
      'webhook_endpoints_disabled_check',
      sql`(${table.status} = 'disabled') = (${table.disabled_reason} is not null)`,
    ),
    check(
      'webhook_endpoints_previous_secret_check',
      sql`(${table.previous_secret} is null) = (${table.previous_secret_expires_at} is null)`,
    ),
  ],
);

/* One row per event and endpoint: a delivery and its outcome. */

export const webhookDeliveries = pgTable(
  'webhook_deliveries',
  {
    id: uuid('id').primaryKey(),
    endpoint_id: uuid('endpoint_id').notNull(),
    event_id: uuid('event_id').notNull(),
    status: varchar('status', { length: 20 }).$type<DeliveryStatus>().notNull().default('pending'),
    // Attempts begun, redeliveries and attempts cut short by a crash included.
    attempts: integer('attempts').notNull().default(0),
    // Attempts since the last request for delivery; decides the next gap.
    tries: integer('tries').notNull().default(0),
    // When a running attempt counts as lost.
    next_attempt_at: timestamptz('next_attempt_at'),
    give_up_at: timestamptz('give_up_at').notNull(),
    created_at: timestamptz('created_at').notNull().defaultNow(),
    ended_at: timestamptz('ended_at'),
  },
  (table) => [
    uniqueIndex('ix_webhook_deliveries_endpoint_id_event_id').on(table.endpoint_id, table.event_id),
    index('ix_webhook_deliveries_endpoint_id').on(table.endpoint_id, table.id.desc().nullsFirst()),
    index('ix_webhook_deliveries_due')
      .on(table.endpoint_id, table.next_attempt_at, table.id)
      .where(sql`${table.next_attempt_at} is not null`),
    index('ix_webhook_deliveries_event_id').on(table.event_id),
    foreignKey({
      name: 'webhook_deliveries_endpoint_id_fkey',
      columns: [table.endpoint_id],
      foreignColumns: [webhookEndpoints.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'webhook_deliveries_event_id_fkey',
      columns: [table.event_id],
      foreignColumns: [events.id],
    }).onDelete('cascade'),
    check('webhook_deliveries_status_check', sql`${table.status} in ('pending', 'delivered', 'failed')`),
    check('webhook_deliveries_attempts_check', sql`${table.tries} >= 0 and ${table.attempts} >= ${table.tries}`),
    check(
      'webhook_deliveries_pending_check',
      sql`(${table.status} = 'pending') = (${table.next_attempt_at} is not null) and (${table.status} = 'pending') = (${table.ended_at} is null)`,
    ),
  ],
);

export const webhookAttempts = pgTable(
  'webhook_attempts',
  {
    id: uuid('id').primaryKey(),
    delivery_id: uuid('delivery_id').notNull(),
    number: integer('number').notNull(),
    attempted_at: timestamptz('attempted_at').notNull(),
    latency_ms: integer('latency_ms').notNull(),
    // Null when there was no response; then `error` says why.
    response_status: smallint('response_status'),
    response_body: text('response_body'),
    error: text('error'),
  },
  (table) => [
    uniqueIndex('ix_webhook_attempts_delivery_id_number').on(table.delivery_id, table.number),
    foreignKey({
      name: 'webhook_attempts_delivery_id_fkey',
      columns: [table.delivery_id],
      foreignColumns: [webhookDeliveries.id],
    }).onDelete('cascade'),
    check('webhook_attempts_answer_check', sql`(${table.response_status} is null) = (${table.error} is not null)`),
  ],
);

export const apiKeys = pgTable(
  'api_keys',
  {
    id: uuid('id').primaryKey(),
    name: varchar('name', { length: 100 }).notNull(),
    prefix: varchar('prefix', { length: 20 }).notNull(),
    key_hash: bytea('key_hash').notNull(),
    scopes: text('scopes').array().notNull(),
    created_at: timestamptz('created_at').notNull().defaultNow(),
    expires_at: timestamptz('expires_at'),
    last_used_at: timestamptz('last_used_at'),
    revoked_at: timestamptz('revoked_at'),
    replaced_by: uuid('replaced_by'),
    // First key of a chain of rotations: one caller to clients and limits.
    origin_id: uuid('origin_id').notNull(),
  },
  (table) => [
    uniqueIndex('ix_api_keys_key_hash').on(table.key_hash),
    foreignKey({
      name: 'api_keys_replaced_by_fkey',
      columns: [table.replaced_by],
      foreignColumns: [table.id],
    }).onDelete('set null'),
  ],
);

export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    caller: varchar('caller', { length: 100 }).notNull(),
    key: varchar('key', { length: 255 }).notNull(),
    method: varchar('method', { length: 10 }).notNull(),
    path: text('path').notNull(),
    request_hash: bytea('request_hash').notNull(),
    status_code: smallint('status_code').notNull(),
    headers: jsonb('headers').$type<Record<string, string>>().notNull(),
    // Null for an answer that showed a secret, which is not replayed.
    body: bytea('body'),
    created_at: timestamptz('created_at').notNull().defaultNow(),
    expires_at: timestamptz('expires_at').notNull(),
    // Ids that stand in path, headers and body; null for an answer that was kept before there was this column.
    named_ids: uuid('named_ids').array(),
  },
  (table) => [
    primaryKey({ name: 'idempotency_keys_pkey', columns: [table.caller, table.key] }),
    index('ix_idempotency_keys_named_ids').using('gin', table.named_ids),
    index('ix_idempotency_keys_unnamed').on(table.expires_at).where(sql`${table.named_ids} is null`),
    index('ix_idempotency_keys_expires_at').on(table.expires_at),
  ],
);

/* The installation: one row, written at first boot. */

export const installation = pgTable(
  'installation',
  {
    id: smallint('id').primaryKey(),
    fal_mode: varchar('fal_mode', { length: 10 }).notNull(),
    // Id in the store's marker object.
    storage_id: uuid('storage_id').notNull(),
    // Signs job tokens and cursors of all instances.
    secret: bytea('secret').notNull(),
    // Our account's id at fal, learned from the first webhook with a valid token.
    fal_user_id: varchar('fal_user_id', { length: 255 }),
    created_at: timestamptz('created_at').notNull().defaultNow(),
  },
  (table) => [
    check('installation_id_check', sql`${table.id} = 1`),
    check('installation_fal_mode_check', sql`${table.fal_mode} in ('live', 'sandbox')`),
  ],
);

/* fal's public webhook keys, shared by all instances and used while fal's key set is unreachable. */

export const falSigningKeys = pgTable(
  'fal_signing_keys',
  {
    id: smallint('id').primaryKey(),
    keys: jsonb('keys').$type<Record<string, unknown>[]>().notNull(),
    fetched_at: timestamptz('fetched_at').notNull(),
  },
  (table) => [check('fal_signing_keys_id_check', sql`${table.id} = 1`)],
);

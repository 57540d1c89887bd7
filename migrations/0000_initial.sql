CREATE TYPE "public"."avatargender" AS ENUM('male', 'female', 'other');--> statement-breakpoint
CREATE TYPE "public"."avatarstatus" AS ENUM('draft', 'uploading', 'ready', 'training', 'completed', 'error', 'cancelled');--> statement-breakpoint
CREATE TYPE "public"."avatartrainingtype" AS ENUM('portrait', 'style', 'object');--> statement-breakpoint
CREATE TYPE "public"."avatartype" AS ENUM('character', 'style', 'custom');--> statement-breakpoint
CREATE TYPE "public"."falfinetunetype" AS ENUM('lora', 'dreambooth');--> statement-breakpoint
CREATE TYPE "public"."falpriority" AS ENUM('normal', 'high');--> statement-breakpoint
CREATE TYPE "public"."photovalidationstatus" AS ENUM('pending', 'valid', 'invalid', 'duplicate');--> statement-breakpoint
CREATE TYPE "public"."trainingstatus" AS ENUM('queued', 'preparing', 'submitting', 'in_queue', 'in_progress', 'verifying', 'succeeded', 'failed', 'cancelled');--> statement-breakpoint
CREATE SEQUENCE "public"."events_sequence" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE TABLE "api_keys" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" varchar(100) NOT NULL,
	"prefix" varchar(20) NOT NULL,
	"key_hash" "bytea" NOT NULL,
	"scopes" text[] NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone,
	"last_used_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	"replaced_by" uuid,
	"origin_id" uuid NOT NULL
);
--> statement-breakpoint
CREATE TABLE "avatar_photos" (
	"id" uuid PRIMARY KEY NOT NULL,
	"avatar_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"minio_key" varchar(255) NOT NULL,
	"file_hash" varchar(64) NOT NULL,
	"upload_order" integer NOT NULL,
	"validation_status" "photovalidationstatus" DEFAULT 'pending' NOT NULL,
	"file_size" integer NOT NULL,
	"width" integer,
	"height" integer,
	"format" varchar(10) NOT NULL,
	"has_face" boolean,
	"quality_score" double precision,
	"validation_error" text,
	"photo_metadata" json DEFAULT '{}'::json NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"validated_at" timestamp with time zone,
	"order" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "avatar_photos_file_size_check" CHECK ("avatar_photos"."file_size" >= 0)
);
--> statement-breakpoint
CREATE TABLE "avatars" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"name" varchar(100) NOT NULL,
	"gender" "avatargender" NOT NULL,
	"avatar_type" "avatartype" DEFAULT 'character' NOT NULL,
	"status" "avatarstatus" DEFAULT 'draft' NOT NULL,
	"finetune_id" varchar(255),
	"training_progress" integer DEFAULT 0 NOT NULL,
	"training_started_at" timestamp with time zone,
	"training_completed_at" timestamp with time zone,
	"fal_mode" varchar(20) DEFAULT 'character' NOT NULL,
	"fal_iterations" integer DEFAULT 500 NOT NULL,
	"fal_priority" "falpriority" DEFAULT 'normal' NOT NULL,
	"trigger_word" varchar(50) DEFAULT 'TOK' NOT NULL,
	"lora_rank" integer DEFAULT 32 NOT NULL,
	"avatar_data" json DEFAULT '{}'::json NOT NULL,
	"training_config" json DEFAULT '{}'::json NOT NULL,
	"photos_count" integer DEFAULT 0 NOT NULL,
	"generations_count" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"is_draft" boolean DEFAULT true NOT NULL,
	"photo_key" varchar(255),
	"preview_key" varchar(255),
	"training_type" "avatartrainingtype",
	"fal_request_id" varchar(255),
	"learning_rate" double precision,
	"trigger_phrase" varchar(255),
	"steps" integer,
	"multiresolution_training" boolean,
	"subject_crop" boolean,
	"create_masks" boolean,
	"captioning" boolean,
	"finetune_type" "falfinetunetype",
	"finetune_comment" text,
	"diffusers_lora_file_url" varchar(255),
	"config_file_url" varchar(255),
	"training_logs" text,
	"training_error" text,
	"webhook_url" varchar(255),
	"last_status_check" timestamp,
	"fal_response_data" jsonb,
	CONSTRAINT "avatars_training_progress_check" CHECK ("avatars"."training_progress" between 0 and 100),
	CONSTRAINT "avatars_photos_count_check" CHECK ("avatars"."photos_count" >= 0),
	CONSTRAINT "avatars_generations_count_check" CHECK ("avatars"."generations_count" >= 0),
	CONSTRAINT "avatars_is_draft_check" CHECK ("avatars"."is_draft" = ("avatars"."status" = 'draft'))
);
--> statement-breakpoint
CREATE TABLE "events" (
	"id" uuid PRIMARY KEY NOT NULL,
	"sequence" bigint,
	"type" varchar(50) NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"user_id" uuid,
	"avatar_id" uuid,
	"training_id" uuid,
	"photo_id" uuid,
	"data" jsonb NOT NULL,
	"request_id" varchar(100)
);
--> statement-breakpoint
CREATE TABLE "fal_signing_keys" (
	"id" smallint PRIMARY KEY NOT NULL,
	"keys" jsonb NOT NULL,
	"fetched_at" timestamp with time zone NOT NULL,
	CONSTRAINT "fal_signing_keys_id_check" CHECK ("fal_signing_keys"."id" = 1)
);
--> statement-breakpoint
CREATE TABLE "fal_webhooks" (
	"id" uuid PRIMARY KEY NOT NULL,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	"request_id" varchar(255) NOT NULL,
	"training_id" uuid NOT NULL,
	"submission_id" uuid NOT NULL,
	"headers" jsonb NOT NULL,
	"body" "bytea" NOT NULL,
	"outcome" varchar(20),
	"outcome_detail" text,
	"drained_at" timestamp with time zone,
	CONSTRAINT "fal_webhooks_outcome_check" CHECK (("fal_webhooks"."outcome" is null) = ("fal_webhooks"."drained_at" is null))
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"caller" varchar(100) NOT NULL,
	"key" varchar(255) NOT NULL,
	"method" varchar(10) NOT NULL,
	"path" text NOT NULL,
	"request_hash" "bytea" NOT NULL,
	"status_code" smallint NOT NULL,
	"headers" jsonb NOT NULL,
	"body" "bytea",
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY("caller","key")
);
--> statement-breakpoint
CREATE TABLE "installation" (
	"id" smallint PRIMARY KEY NOT NULL,
	"fal_mode" varchar(10) NOT NULL,
	"storage_id" uuid NOT NULL,
	"secret" "bytea" NOT NULL,
	"fal_user_id" varchar(255),
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "installation_id_check" CHECK ("installation"."id" = 1),
	CONSTRAINT "installation_fal_mode_check" CHECK ("installation"."fal_mode" in ('live', 'sandbox'))
);
--> statement-breakpoint
CREATE TABLE "provider_circuit" (
	"id" smallint PRIMARY KEY NOT NULL,
	"reason" varchar(50),
	"opened_at" timestamp with time zone,
	"probe_at" timestamp with time zone,
	"failures" integer NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "provider_circuit_id_check" CHECK ("provider_circuit"."id" = 1),
	CONSTRAINT "provider_circuit_failures_check" CHECK ("provider_circuit"."failures" >= 0),
	CONSTRAINT "provider_circuit_open_check" CHECK (("provider_circuit"."reason" is null) = ("provider_circuit"."opened_at" is null) and ("provider_circuit"."reason" is null) = ("provider_circuit"."probe_at" is null))
);
--> statement-breakpoint
CREATE TABLE "trainings" (
	"id" uuid PRIMARY KEY NOT NULL,
	"avatar_id" uuid,
	"user_id" uuid,
	"attempt" integer NOT NULL,
	"retry_of" uuid,
	"training_type" "avatartrainingtype" NOT NULL,
	"trainer" varchar(50) NOT NULL,
	"endpoint" varchar(255) NOT NULL,
	"status" "trainingstatus" NOT NULL,
	"fal_priority" "falpriority" NOT NULL,
	"settings" json NOT NULL,
	"photo_manifest" json NOT NULL,
	"sandbox" boolean NOT NULL,
	"estimated_cost_usd" numeric(12, 6) NOT NULL,
	"submission_id" uuid,
	"submissions" integer NOT NULL,
	"archive_url" text,
	"fal_input" json,
	"webhook_url" text,
	"fal_request_id" varchar(255),
	"gateway_request_id" varchar(255),
	"progress" smallint NOT NULL,
	"step" integer,
	"total_steps" integer,
	"loss" double precision,
	"eta_seconds" integer,
	"logs" jsonb NOT NULL,
	"error" jsonb,
	"charged" varchar(10),
	"result" jsonb,
	"result_source" varchar(10),
	"artifacts" jsonb,
	"late_result" jsonb,
	"late_artifacts" jsonb,
	"blocked_reason" varchar(50),
	"blocked_at" timestamp with time zone,
	"submit_unknown_at" timestamp with time zone,
	"needs_attention_at" timestamp with time zone,
	"cancel_requested_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"submitted_at" timestamp with time zone,
	"accepted_at" timestamp with time zone,
	"started_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"last_status_check" timestamp with time zone,
	"next_check_at" timestamp with time zone,
	"checks" integer NOT NULL,
	"deadline_at" timestamp with time zone NOT NULL,
	"adopted_at" timestamp with time zone,
	CONSTRAINT "trainings_progress_check" CHECK ("trainings"."progress" between 0 and 100),
	CONSTRAINT "trainings_counters_check" CHECK ("trainings"."attempt" > 0 and "trainings"."submissions" >= 0 and "trainings"."checks" >= 0),
	CONSTRAINT "trainings_succeeded_check" CHECK ("trainings"."status" <> 'succeeded' or ("trainings"."artifacts" #>> '{lora,sha256}') is not null),
	CONSTRAINT "trainings_failed_check" CHECK (("trainings"."status" = 'failed') = ("trainings"."error" is not null)),
	CONSTRAINT "trainings_ended_check" CHECK (("trainings"."status" in ('succeeded', 'failed', 'cancelled')) = ("trainings"."ended_at" is not null)),
	CONSTRAINT "trainings_charged_check" CHECK (("trainings"."charged" is null) = ("trainings"."ended_at" is null)),
	CONSTRAINT "trainings_submission_check" CHECK ("trainings"."status" not in ('submitting', 'in_queue', 'in_progress', 'verifying', 'succeeded') or "trainings"."adopted_at" is not null or ("trainings"."submission_id" is not null and "trainings"."fal_input" is not null)),
	CONSTRAINT "trainings_accepted_check" CHECK ("trainings"."status" not in ('in_queue', 'in_progress', 'verifying', 'succeeded') or "trainings"."fal_request_id" is not null)
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" uuid PRIMARY KEY NOT NULL,
	"telegram_id" varchar(50),
	"first_name" varchar(64) NOT NULL,
	"last_name" varchar(64),
	"username" varchar(64),
	"language_code" varchar(8) NOT NULL,
	"timezone" varchar(32),
	"is_premium" boolean NOT NULL,
	"is_bot" boolean NOT NULL,
	"is_blocked" boolean NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"external_id" varchar(255),
	"main_avatar_id" uuid
);
--> statement-breakpoint
CREATE TABLE "webhook_attempts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"delivery_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"attempted_at" timestamp with time zone NOT NULL,
	"latency_ms" integer NOT NULL,
	"response_status" smallint,
	"response_body" text,
	"error" text,
	CONSTRAINT "webhook_attempts_answer_check" CHECK (("webhook_attempts"."response_status" is null) = ("webhook_attempts"."error" is not null))
);
--> statement-breakpoint
CREATE TABLE "webhook_deliveries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"endpoint_id" uuid NOT NULL,
	"event_id" uuid NOT NULL,
	"status" varchar(20) DEFAULT 'pending' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"tries" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp with time zone,
	"give_up_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "webhook_deliveries_status_check" CHECK ("webhook_deliveries"."status" in ('pending', 'delivered', 'failed')),
	CONSTRAINT "webhook_deliveries_attempts_check" CHECK ("webhook_deliveries"."tries" >= 0 and "webhook_deliveries"."attempts" >= "webhook_deliveries"."tries"),
	CONSTRAINT "webhook_deliveries_pending_check" CHECK (("webhook_deliveries"."status" = 'pending') = ("webhook_deliveries"."next_attempt_at" is not null) and ("webhook_deliveries"."status" = 'pending') = ("webhook_deliveries"."ended_at" is null))
);
--> statement-breakpoint
CREATE TABLE "webhook_endpoints" (
	"id" uuid PRIMARY KEY NOT NULL,
	"url" text NOT NULL,
	"description" varchar(255),
	"event_types" text[],
	"secret" text NOT NULL,
	"previous_secret" text,
	"previous_secret_expires_at" timestamp with time zone,
	"status" varchar(20) DEFAULT 'enabled' NOT NULL,
	"disabled_reason" varchar(50),
	"failing_since" timestamp with time zone,
	"paused_until" timestamp with time zone,
	"last_sequence" bigint NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "webhook_endpoints_status_check" CHECK ("webhook_endpoints"."status" in ('enabled', 'disabled')),
	CONSTRAINT "webhook_endpoints_disabled_check" CHECK (("webhook_endpoints"."status" = 'disabled') = ("webhook_endpoints"."disabled_reason" is not null)),
	CONSTRAINT "webhook_endpoints_previous_secret_check" CHECK (("webhook_endpoints"."previous_secret" is null) = ("webhook_endpoints"."previous_secret_expires_at" is null))
);
--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_replaced_by_fkey" FOREIGN KEY ("replaced_by") REFERENCES "public"."api_keys"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "avatar_photos" ADD CONSTRAINT "avatar_photos_avatar_id_fkey" FOREIGN KEY ("avatar_id") REFERENCES "public"."avatars"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "avatar_photos" ADD CONSTRAINT "avatar_photos_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "avatars" ADD CONSTRAINT "avatars_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "trainings" ADD CONSTRAINT "trainings_avatar_id_fkey" FOREIGN KEY ("avatar_id") REFERENCES "public"."avatars"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "trainings" ADD CONSTRAINT "trainings_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "trainings" ADD CONSTRAINT "trainings_retry_of_fkey" FOREIGN KEY ("retry_of") REFERENCES "public"."trainings"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_main_avatar_id_fkey" FOREIGN KEY ("main_avatar_id") REFERENCES "public"."avatars"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_attempts" ADD CONSTRAINT "webhook_attempts_delivery_id_fkey" FOREIGN KEY ("delivery_id") REFERENCES "public"."webhook_deliveries"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_endpoint_id_fkey" FOREIGN KEY ("endpoint_id") REFERENCES "public"."webhook_endpoints"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "public"."events"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "ix_api_keys_key_hash" ON "api_keys" USING btree ("key_hash");--> statement-breakpoint
CREATE INDEX "ix_avatar_photos_file_hash" ON "avatar_photos" USING btree ("file_hash");--> statement-breakpoint
CREATE UNIQUE INDEX "ix_avatar_photos_avatar_id_file_hash" ON "avatar_photos" USING btree ("avatar_id","file_hash");--> statement-breakpoint
CREATE INDEX "ix_avatar_photos_avatar_id" ON "avatar_photos" USING btree ("avatar_id","upload_order","id");--> statement-breakpoint
CREATE INDEX "ix_avatar_photos_user_id" ON "avatar_photos" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "ix_avatars_finetune_id" ON "avatars" USING btree ("finetune_id");--> statement-breakpoint
CREATE INDEX "ix_avatars_fal_request_id" ON "avatars" USING btree ("fal_request_id");--> statement-breakpoint
CREATE INDEX "ix_avatars_training_type" ON "avatars" USING btree ("training_type");--> statement-breakpoint
CREATE INDEX "ix_avatars_user_id_created_at" ON "avatars" USING btree ("user_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "ix_avatars_created_at" ON "avatars" USING btree ("created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE UNIQUE INDEX "ix_events_sequence" ON "events" USING btree ("sequence");--> statement-breakpoint
CREATE INDEX "ix_events_unsequenced" ON "events" USING btree ("id") WHERE "events"."sequence" is null;--> statement-breakpoint
CREATE INDEX "ix_events_user_id_sequence" ON "events" USING btree ("user_id","sequence");--> statement-breakpoint
CREATE INDEX "ix_events_training_id_sequence" ON "events" USING btree ("training_id","sequence");--> statement-breakpoint
CREATE INDEX "ix_events_created_at" ON "events" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "ix_fal_webhooks_undrained" ON "fal_webhooks" USING btree ("id") WHERE "fal_webhooks"."drained_at" is null;--> statement-breakpoint
CREATE INDEX "ix_fal_webhooks_training_id" ON "fal_webhooks" USING btree ("training_id");--> statement-breakpoint
CREATE INDEX "ix_fal_webhooks_received_at" ON "fal_webhooks" USING btree ("received_at");--> statement-breakpoint
CREATE INDEX "ix_idempotency_keys_expires_at" ON "idempotency_keys" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "ix_trainings_fal_request_id" ON "trainings" USING btree ("fal_request_id");--> statement-breakpoint
CREATE UNIQUE INDEX "ix_trainings_unfinished" ON "trainings" USING btree ("avatar_id") WHERE "trainings"."status" not in ('succeeded', 'failed', 'cancelled');--> statement-breakpoint
CREATE UNIQUE INDEX "ix_trainings_avatar_id_attempt" ON "trainings" USING btree ("avatar_id","attempt");--> statement-breakpoint
CREATE INDEX "ix_trainings_user_id_created_at" ON "trainings" USING btree ("user_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "ix_trainings_created_at" ON "trainings" USING btree ("created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "ix_trainings_next_check_at" ON "trainings" USING btree ("next_check_at") WHERE "trainings"."next_check_at" is not null;--> statement-breakpoint
CREATE INDEX "ix_trainings_queued" ON "trainings" USING btree ("created_at","id") WHERE "trainings"."status" = 'queued';--> statement-breakpoint
CREATE INDEX "ix_trainings_status" ON "trainings" USING btree ("status") WHERE "trainings"."status" not in ('succeeded', 'failed', 'cancelled');--> statement-breakpoint
CREATE UNIQUE INDEX "ix_users_telegram_id" ON "users" USING btree ("telegram_id");--> statement-breakpoint
CREATE UNIQUE INDEX "ix_users_external_id" ON "users" USING btree ("external_id");--> statement-breakpoint
CREATE UNIQUE INDEX "ix_users_main_avatar_id" ON "users" USING btree ("main_avatar_id");--> statement-breakpoint
CREATE UNIQUE INDEX "ix_webhook_attempts_delivery_id_number" ON "webhook_attempts" USING btree ("delivery_id","number");--> statement-breakpoint
CREATE UNIQUE INDEX "ix_webhook_deliveries_endpoint_id_event_id" ON "webhook_deliveries" USING btree ("endpoint_id","event_id");--> statement-breakpoint
CREATE INDEX "ix_webhook_deliveries_endpoint_id" ON "webhook_deliveries" USING btree ("endpoint_id","id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "ix_webhook_deliveries_due" ON "webhook_deliveries" USING btree ("endpoint_id","next_attempt_at","id") WHERE "webhook_deliveries"."next_attempt_at" is not null;--> statement-breakpoint
CREATE INDEX "ix_webhook_deliveries_event_id" ON "webhook_deliveries" USING btree ("event_id");
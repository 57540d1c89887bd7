-- db:accept index_blocks: before the first release no table is large, and drizzle-kit runs every file in a transaction.
-- db:accept constraint_validates: before the first release no table is large.
CREATE TABLE "batches" (
	"id" uuid PRIMARY KEY NOT NULL,
	"avatar_id" uuid,
	"user_id" uuid,
	"pack" varchar(100),
	"generations" smallint NOT NULL,
	"images" smallint NOT NULL,
	"estimated_cost_usd" numeric(12, 6) NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"cancel_requested_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"traceparent" varchar(55),
	CONSTRAINT "batches_counts_check" CHECK ("batches"."generations" > 0 and "batches"."images" >= "batches"."generations")
);
--> statement-breakpoint
CREATE TABLE "fal_files" (
	"id" uuid PRIMARY KEY NOT NULL,
	"purpose" varchar(20) NOT NULL,
	"sha256" varchar(64) NOT NULL,
	"url" text NOT NULL,
	"training_id" uuid,
	"uploaded_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"dropped_at" timestamp with time zone,
	CONSTRAINT "fal_files_purpose_check" CHECK ("fal_files"."purpose" in ('lora'))
);
--> statement-breakpoint
CREATE TABLE "generation_images" (
	"id" uuid PRIMARY KEY NOT NULL,
	"generation_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"avatar_id" uuid NOT NULL,
	"index" smallint NOT NULL,
	"status" varchar(10) NOT NULL,
	"width" smallint,
	"height" smallint,
	"content_type" varchar(50),
	"size" integer,
	"sha256" varchar(64),
	"source_sha256" varchar(64),
	"storage_key" varchar(255),
	"thumbnail_key" varchar(255),
	"favorite" boolean NOT NULL,
	"likeness" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "generation_images_index_check" CHECK ("generation_images"."index" between 0 and 3),
	CONSTRAINT "generation_images_status_check" CHECK ("generation_images"."status" in ('ok', 'flagged', 'lost')),
	CONSTRAINT "generation_images_ok_check" CHECK (("generation_images"."status" = 'ok') = ("generation_images"."storage_key" is not null) and ("generation_images"."status" = 'ok') = ("generation_images"."sha256" is not null) and ("generation_images"."status" = 'ok') = ("generation_images"."size" is not null)),
	CONSTRAINT "generation_images_favorite_check" CHECK (not "generation_images"."favorite" or "generation_images"."status" = 'ok')
);
--> statement-breakpoint
CREATE TABLE "generations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"avatar_id" uuid,
	"user_id" uuid,
	"training_id" uuid,
	"batch_id" uuid,
	"repeat_of" uuid,
	"pack" varchar(100),
	"pack_item" varchar(100),
	"model" varchar(50) NOT NULL,
	"endpoint" varchar(255) NOT NULL,
	"status" "trainingstatus" NOT NULL,
	"fal_priority" "falpriority" NOT NULL,
	"sandbox" boolean NOT NULL,
	"estimated_cost_usd" numeric(12, 6) NOT NULL,
	"prompt" text,
	"final_prompt" text,
	"trigger_phrase" text,
	"trigger" varchar(20) NOT NULL,
	"preset" varchar(20) NOT NULL,
	"aspect_ratio" varchar(10),
	"width" smallint NOT NULL,
	"height" smallint NOT NULL,
	"num_images" smallint NOT NULL,
	"seed" bigint NOT NULL,
	"settings" json NOT NULL,
	"warnings" jsonb NOT NULL,
	"lora_sha256" varchar(64) NOT NULL,
	"fingerprint" "bytea" NOT NULL,
	"submission_id" uuid,
	"submissions" integer NOT NULL,
	"fal_input" json,
	"webhook_url" text,
	"fal_request_id" varchar(255),
	"gateway_request_id" varchar(255),
	"error" jsonb,
	"charged" varchar(10),
	"billed_units" numeric(12, 4),
	"result" jsonb,
	"result_source" varchar(10),
	"images_ok" smallint NOT NULL,
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
	"erased_at" timestamp with time zone,
	"traceparent" varchar(55),
	CONSTRAINT "generations_counters_check" CHECK ("generations"."submissions" >= 0 and "generations"."checks" >= 0),
	CONSTRAINT "generations_num_images_check" CHECK ("generations"."num_images" between 1 and 4),
	CONSTRAINT "generations_images_ok_check" CHECK ("generations"."images_ok" between 0 and "generations"."num_images"),
	CONSTRAINT "generations_size_check" CHECK ("generations"."width" > 0 and "generations"."height" > 0 and "generations"."width" % 16 = 0 and "generations"."height" % 16 = 0),
	CONSTRAINT "generations_seed_check" CHECK ("generations"."seed" between 0 and 4294967295),
	CONSTRAINT "generations_trigger_check" CHECK ("generations"."trigger" in ('inserted', 'present', 'placeholder', 'none')),
	CONSTRAINT "generations_succeeded_check" CHECK ("generations"."status" <> 'succeeded' or "generations"."images_ok" > 0),
	CONSTRAINT "generations_failed_check" CHECK (("generations"."status" = 'failed') = ("generations"."error" is not null)),
	CONSTRAINT "generations_ended_check" CHECK (("generations"."status" in ('succeeded', 'failed', 'cancelled')) = ("generations"."ended_at" is not null)),
	CONSTRAINT "generations_charged_check" CHECK (("generations"."charged" is null) = ("generations"."ended_at" is null)),
	CONSTRAINT "generations_prompt_check" CHECK (("generations"."erased_at" is null) = ("generations"."prompt" is not null) and ("generations"."erased_at" is null) = ("generations"."final_prompt" is not null)),
	CONSTRAINT "generations_erased_check" CHECK ("generations"."erased_at" is null or ("generations"."ended_at" is not null and "generations"."fal_input" is null and "generations"."result" is null and "generations"."late_result" is null and "generations"."late_artifacts" is null and "generations"."trigger_phrase" is null)),
	CONSTRAINT "generations_submission_check" CHECK ("generations"."status" not in ('submitting', 'in_queue', 'in_progress', 'verifying', 'succeeded') or ("generations"."submission_id" is not null and ("generations"."fal_input" is not null or "generations"."erased_at" is not null))),
	CONSTRAINT "generations_accepted_check" CHECK ("generations"."status" not in ('in_queue', 'in_progress', 'verifying', 'succeeded') or "generations"."fal_request_id" is not null)
);
--> statement-breakpoint
CREATE TABLE "packs" (
	"name" varchar(100) PRIMARY KEY NOT NULL,
	"title" varchar(200) NOT NULL,
	"description" text NOT NULL,
	"public" boolean NOT NULL,
	"items" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "trainings" DROP CONSTRAINT "trainings_accepted_check";--> statement-breakpoint
ALTER TABLE "fal_webhooks" ALTER COLUMN "training_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "events" ADD COLUMN "generation_id" uuid;--> statement-breakpoint
ALTER TABLE "events" ADD COLUMN "image_id" uuid;--> statement-breakpoint
ALTER TABLE "events" ADD COLUMN "batch_id" uuid;--> statement-breakpoint
ALTER TABLE "fal_webhooks" ADD COLUMN "generation_id" uuid;--> statement-breakpoint
ALTER TABLE "trainings" ADD COLUMN "output_expires_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "batches" ADD CONSTRAINT "batches_avatar_id_fkey" FOREIGN KEY ("avatar_id") REFERENCES "public"."avatars"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "batches" ADD CONSTRAINT "batches_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fal_files" ADD CONSTRAINT "fal_files_training_id_fkey" FOREIGN KEY ("training_id") REFERENCES "public"."trainings"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "generation_images" ADD CONSTRAINT "generation_images_generation_id_fkey" FOREIGN KEY ("generation_id") REFERENCES "public"."generations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "generation_images" ADD CONSTRAINT "generation_images_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "generation_images" ADD CONSTRAINT "generation_images_avatar_id_fkey" FOREIGN KEY ("avatar_id") REFERENCES "public"."avatars"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "generations" ADD CONSTRAINT "generations_avatar_id_fkey" FOREIGN KEY ("avatar_id") REFERENCES "public"."avatars"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "generations" ADD CONSTRAINT "generations_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "generations" ADD CONSTRAINT "generations_training_id_fkey" FOREIGN KEY ("training_id") REFERENCES "public"."trainings"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "generations" ADD CONSTRAINT "generations_batch_id_fkey" FOREIGN KEY ("batch_id") REFERENCES "public"."batches"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "generations" ADD CONSTRAINT "generations_repeat_of_fkey" FOREIGN KEY ("repeat_of") REFERENCES "public"."generations"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "ix_batches_user_id_created_at" ON "batches" USING btree ("user_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "ix_batches_avatar_id_created_at" ON "batches" USING btree ("avatar_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "ix_batches_created_at" ON "batches" USING btree ("created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE UNIQUE INDEX "ix_fal_files_in_use" ON "fal_files" USING btree ("purpose","sha256") WHERE "fal_files"."dropped_at" is null;--> statement-breakpoint
CREATE INDEX "ix_fal_files_training_id" ON "fal_files" USING btree ("training_id");--> statement-breakpoint
CREATE INDEX "ix_fal_files_expires_at" ON "fal_files" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "ix_generation_images_generation_id_index" ON "generation_images" USING btree ("generation_id","index");--> statement-breakpoint
CREATE INDEX "ix_generation_images_user_id_status_created_at" ON "generation_images" USING btree ("user_id","status","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "ix_generation_images_user_id_favorite" ON "generation_images" USING btree ("user_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE "generation_images"."favorite";--> statement-breakpoint
CREATE INDEX "ix_generation_images_avatar_id_status_created_at" ON "generation_images" USING btree ("avatar_id","status","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "ix_generation_images_avatar_id_favorite" ON "generation_images" USING btree ("avatar_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE "generation_images"."favorite";--> statement-breakpoint
CREATE INDEX "ix_generation_images_status_created_at" ON "generation_images" USING btree ("status","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "ix_generation_images_favorite" ON "generation_images" USING btree ("created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE "generation_images"."favorite";--> statement-breakpoint
CREATE UNIQUE INDEX "ix_generations_fal_request_id" ON "generations" USING btree ("fal_request_id");--> statement-breakpoint
CREATE INDEX "ix_generations_user_id_created_at" ON "generations" USING btree ("user_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "ix_generations_avatar_id_created_at" ON "generations" USING btree ("avatar_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "ix_generations_status_created_at" ON "generations" USING btree ("status","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "ix_generations_pack_created_at" ON "generations" USING btree ("pack","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "ix_generations_created_at" ON "generations" USING btree ("created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "ix_generations_batch_id" ON "generations" USING btree ("batch_id","created_at","id");--> statement-breakpoint
CREATE INDEX "ix_generations_training_id" ON "generations" USING btree ("training_id");--> statement-breakpoint
CREATE INDEX "ix_generations_repeat_of" ON "generations" USING btree ("repeat_of");--> statement-breakpoint
CREATE INDEX "ix_generations_next_check_at" ON "generations" USING btree ("next_check_at") WHERE "generations"."next_check_at" is not null;--> statement-breakpoint
CREATE INDEX "ix_generations_submitted_at" ON "generations" USING btree ("submitted_at","user_id");--> statement-breakpoint
CREATE INDEX "ix_generations_fingerprint" ON "generations" USING btree ("fingerprint") WHERE "generations"."status" not in ('succeeded', 'failed', 'cancelled');--> statement-breakpoint
CREATE INDEX "ix_generations_needs_attention" ON "generations" USING btree ("created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE "generations"."needs_attention_at" is not null;--> statement-breakpoint
CREATE INDEX "ix_generations_ended_at" ON "generations" USING btree ("ended_at","id") WHERE "generations"."erased_at" is null;--> statement-breakpoint
CREATE INDEX "ix_events_generation_id_sequence" ON "events" USING btree ("generation_id","sequence") WHERE "events"."sequence" is not null and "events"."generation_id" is not null;--> statement-breakpoint
CREATE INDEX "ix_events_batch_id_sequence" ON "events" USING btree ("batch_id","sequence") WHERE "events"."sequence" is not null and "events"."batch_id" is not null;--> statement-breakpoint
CREATE INDEX "ix_fal_webhooks_generation_id" ON "fal_webhooks" USING btree ("generation_id") WHERE "fal_webhooks"."generation_id" is not null;--> statement-breakpoint
CREATE INDEX "ix_trainings_submitted_at" ON "trainings" USING btree ("submitted_at","user_id");--> statement-breakpoint
ALTER TABLE "fal_webhooks" ADD CONSTRAINT "fal_webhooks_job_check" CHECK (("fal_webhooks"."training_id" is null) <> ("fal_webhooks"."generation_id" is null));--> statement-breakpoint
ALTER TABLE "trainings" ADD CONSTRAINT "trainings_accepted_check" CHECK ("trainings"."status" not in ('in_queue', 'in_progress', 'verifying', 'succeeded') or "trainings"."adopted_at" is not null or "trainings"."fal_request_id" is not null);
ALTER TABLE "fal_webhooks" ADD COLUMN "tries" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "fal_webhooks" ADD COLUMN "next_try_at" timestamp with time zone;
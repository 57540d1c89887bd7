-- db:accept constraint_validates: nothing has written to fal_files before this version, so it is empty
-- db:accept index_blocks: nothing has written to fal_files before this version, so it is empty
DROP INDEX "ix_fal_files_in_use";--> statement-breakpoint
ALTER TABLE "fal_files" ALTER COLUMN "url" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "fal_files" ADD COLUMN "claimed_until" timestamp with time zone;--> statement-breakpoint
CREATE UNIQUE INDEX "ix_fal_files_in_use" ON "fal_files" USING btree ("purpose","training_id") WHERE "fal_files"."dropped_at" is null;--> statement-breakpoint
ALTER TABLE "fal_files" ADD CONSTRAINT "fal_files_claimed_check" CHECK (("fal_files"."url" is null) = ("fal_files"."claimed_until" is not null));
-- db:accept index_blocks: answers are kept for a day, so the table is small
ALTER TABLE "idempotency_keys" ADD COLUMN "named_ids" uuid[];--> statement-breakpoint
CREATE INDEX "ix_idempotency_keys_named_ids" ON "idempotency_keys" USING gin ("named_ids");--> statement-breakpoint
CREATE INDEX "ix_idempotency_keys_unnamed" ON "idempotency_keys" USING btree ("expires_at") WHERE "idempotency_keys"."named_ids" is null;

-- db:accept index_blocks: before the first release no table is large, and drizzle-kit runs every file in a transaction.
DROP INDEX "ix_trainings_queued";--> statement-breakpoint
DROP INDEX "ix_trainings_status";--> statement-breakpoint
DROP INDEX "ix_events_sequence";--> statement-breakpoint
DROP INDEX "ix_events_user_id_sequence";--> statement-breakpoint
DROP INDEX "ix_events_training_id_sequence";--> statement-breakpoint
CREATE INDEX "ix_avatars_status_created_at" ON "avatars" USING btree ("status","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "ix_avatars_training_type_created_at" ON "avatars" USING btree ("training_type","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "ix_events_avatar_id_sequence" ON "events" USING btree ("avatar_id","sequence") WHERE "events"."sequence" is not null;--> statement-breakpoint
CREATE INDEX "ix_events_type_sequence" ON "events" USING btree ("type","sequence") WHERE "events"."sequence" is not null;--> statement-breakpoint
CREATE INDEX "ix_trainings_status_created_at" ON "trainings" USING btree ("status","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "ix_trainings_needs_attention" ON "trainings" USING btree ("created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE "trainings"."needs_attention_at" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "ix_events_sequence" ON "events" USING btree ("sequence") WHERE "events"."sequence" is not null;--> statement-breakpoint
CREATE INDEX "ix_events_user_id_sequence" ON "events" USING btree ("user_id","sequence") WHERE "events"."sequence" is not null;--> statement-breakpoint
CREATE INDEX "ix_events_training_id_sequence" ON "events" USING btree ("training_id","sequence") WHERE "events"."sequence" is not null;
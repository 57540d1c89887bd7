ALTER TABLE "events" ADD COLUMN "traceparent" varchar(55);--> statement-breakpoint
ALTER TABLE "trainings" ADD COLUMN "traceparent" varchar(55);
CREATE TABLE "adopted_artifacts" (
	"avatar_id" uuid PRIMARY KEY NOT NULL,
	"lora_url" text,
	"config_url" text
);
--> statement-breakpoint
ALTER TABLE "adopted_artifacts" ADD CONSTRAINT "adopted_artifacts_avatar_id_fkey" FOREIGN KEY ("avatar_id") REFERENCES "public"."avatars"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
-- Addresses that an earlier adoption emptied, of which the ledger kept the originals.
DO $likeness$
BEGIN
  IF EXISTS (
    SELECT FROM pg_catalog.pg_class AS class
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = class.relnamespace
    WHERE namespace.nspname = 'drizzle' AND class.relname = 'likeness_originals'
      AND has_schema_privilege(namespace.oid, 'usage') AND has_table_privilege(class.oid, 'select')
  ) THEN
    INSERT INTO adopted_artifacts (avatar_id, lora_url, config_url)
    SELECT avatars.id,
      max(original #>> '{}') FILTER (WHERE column_name = 'diffusers_lora_file_url'),
      max(original #>> '{}') FILTER (WHERE column_name = 'config_file_url')
    FROM drizzle.likeness_originals
    JOIN avatars ON avatars.id::text = row_key
    WHERE table_name = 'avatars' AND column_name IN ('diffusers_lora_file_url', 'config_file_url')
      AND length(original #>> '{}') > 255
    GROUP BY avatars.id;
  END IF;
END
$likeness$;

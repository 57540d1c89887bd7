-- Names of files say who is on them, and what was said of damaged ones held temporary paths.
UPDATE "events"
SET "data" = "data" || CASE
  WHEN "data" ->> 'code' = 'damaged' THEN '{"filename": null, "detail": "is damaged or cut off"}'::jsonb
  ELSE '{"filename": null}'::jsonb
END
WHERE "type" = 'photo.rejected' AND "data" ->> 'filename' IS NOT NULL;

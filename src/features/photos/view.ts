import type { Static } from 'typebox';
import type { PhotoSchema } from './schemas.ts';
import type { Photo } from './store.ts';

/** A photo without its storage key. */
export function photoView({ minio_key: _key, ...photo }: Photo): Static<typeof PhotoSchema> {
  return {
    ...photo,
    created_at: photo.created_at.toISOString(),
    validated_at: photo.validated_at?.toISOString() ?? null,
  };
}

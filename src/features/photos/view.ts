import type { Static } from 'typebox';
import { iso } from '../../platform/http/iso.ts';
import type { PhotoSchema } from './schemas.ts';
import type { Photo } from './store.ts';

/** A photo without its storage key. */
export function photoView({ minio_key: _key, ...photo }: Photo): Static<typeof PhotoSchema> {
  return {
    ...photo,
    created_at: iso(photo.created_at),
    validated_at: iso(photo.validated_at),
  };
}
